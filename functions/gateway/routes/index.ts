import type { Route } from '../route.ts';
import { asrRoute } from './asr.ts';
import { recordingRoute, recordingsRoute } from './audio.ts';
import { restRoute, userChatRoute } from './channels.ts';
import { chatRoute } from './chat.ts';
import { agentMessageRoute, controlRoute, queueRoute } from './desk.ts';
import { listArticlesRoute, publishArticleRoute, searchRoute } from './knowledge.ts';
import { postEventRoute } from './post-event.ts';
import { readEventsRoute } from './read-events.ts';
import { openSessionRoute } from './sessions.ts';
import { turnRoute } from './turn.ts';
import { voiceTicketRoute } from './voice-tickets.ts';

/** The routes of the API, in the order in which the document shows them. */
export const ROUTES: readonly Route[] = [
  openSessionRoute,
  postEventRoute,
  readEventsRoute,
  chatRoute,
  turnRoute,
  userChatRoute,
  restRoute,
  queueRoute,
  controlRoute,
  agentMessageRoute,
  publishArticleRoute,
  searchRoute,
  listArticlesRoute,
  voiceTicketRoute,
  asrRoute,
  recordingsRoute,
  recordingRoute,
];
