import { BUILT_IN_ACTIONS } from '../../../shared/bot/standard.ts';
import type { EntityDetails, ImportedNlu } from './nlu.ts';
import type { Notes } from './notes.ts';
import { entriesOf, found, isRecord, isText, listOf, namedOf, type Found, type ProjectFile } from './project.ts';

/** Rasa's own actions, which need no declaration. */
const RASAS =
  /^action_(?:listen|restart|session_start|default_fallback|deactivate_loop|revert_fallback_events|default_ask_affirmation|default_ask_rephrase|back|two_stage_fallback|unlikely_intent|extract_slots)$/u;
const STANDARD: Readonly<Record<string, readonly [string, string]>> = {
  utter_default: ['Sorry, I did not get that. Could you put it another way?', '抱歉，我没听明白，您可以换个说法吗？'],
  utter_handoff: ['I am connecting you with a colleague.', '正在为您转接人工客服，请稍候。'],
};
const PLACEHOLDER = /\{([^{}]*)\}/gu;

/** A domain as it is written for this platform. */
export interface ImportedDomain {
  readonly domain: Readonly<Record<string, unknown>>;
  readonly responses: ReadonlySet<string>;
  readonly actions: ReadonlySet<string>;
  readonly forms: ReadonlySet<string>;
}

/** Rasa's domain, of one file or many: what would be an error here is repaired or left out, with a note. */
export function importDomain(
  files: readonly ProjectFile[],
  nlu: ImportedNlu,
  named: { readonly actions: ReadonlySet<string>; readonly language: string },
  notes: Notes,
): ImportedDomain {
  const isDeclared = (intent: string): boolean =>
    nlu.intents.has(intent) || [...nlu.intents].some((it) => it.startsWith(`${intent}/`));
  const intents: string[] = [];
  for (const at of entriesOf(files, 'intents')) {
    const name = nameIn(at.value);
    if (name === undefined || intents.includes(name)) continue;
    if (isDeclared(name)) intents.push(name);
    else notes.note(at, `intent ${name} has no examples: it is left out`);
  }
  const missing = [...nlu.intents].map((it) => it.split('/')[0] ?? it).filter((it) => !intents.includes(it));
  intents.push(...new Set(missing));

  const forms = formsIn(files, notes);
  const slots = slotsIn(files, nlu, intents, notes);
  for (const [form, required] of forms) {
    for (const slot of required.filter((it) => !slots.has(it))) {
      slots.set(slot, { type: 'text', mappings: [{ type: 'from_text' }] });
      notes.note(formAt(files, form), `the form asks for the slot ${slot}, which was not declared`);
    }
  }
  const responses = responsesIn(files, new Set(slots.keys()), intents, notes);
  const [at] = found(files, 'responses');
  for (const [name, words] of Object.entries(STANDARD)) {
    if (!responses.has(name)) responses.set(name, [{ text: words[named.language.startsWith('zh') ? 1 : 0] }]);
  }
  for (const [form, required] of forms) {
    for (const slot of required) {
      if (responses.has(`utter_ask_${slot}`) || responses.has(`utter_ask_${form}_${slot}`)) continue;
      responses.set(`utter_ask_${slot}`, [{ text: `${slot.replaceAll('_', ' ')}?` }]);
      if (at) notes.note(at, `nothing asks for the slot ${slot} of ${form}: utter_ask_${slot} is made up`);
    }
  }
  const declared = entriesOf(files, 'actions').flatMap((it) => {
    const name = nameIn(it.value);
    return name === undefined ? [] : [[name, it] as const];
  });
  const actions = new Set<string>();
  for (const name of [...declared.map(([it]) => it), ...named.actions]) {
    if (name.startsWith('utter_') || forms.has(name) || RASAS.test(name)) continue;
    if ((BUILT_IN_ACTIONS as readonly string[]).includes(name)) continue;
    const place = declared.find(([it]) => it === name)?.[1];
    if (/^(?:validate_|action_ask_)/u.test(name)) {
      if (place) notes.note(place, `${name} is Python, and is not run`, { hint: 'write rejections in a flow' });
    } else {
      actions.add(name);
      if (place)
        notes.note(place, `${name} is Python, and is called over HTTP`, { hint: 'say in actions.yml where it is' });
    }
  }
  const [session] = found(files, 'session_config');
  return {
    responses: new Set(responses.keys()),
    actions,
    forms: new Set(forms.keys()),
    domain: {
      version: '3.1',
      intents,
      ...(nlu.entities.size > 0 && { entities: [...nlu.entities].map(entityEntry) }),
      ...(slots.size > 0 && { slots: Object.fromEntries(slots) }),
      ...(forms.size > 0 && {
        forms: Object.fromEntries([...forms].map(([name, required]) => [name, { required_slots: required }])),
      }),
      ...(actions.size > 0 && { actions: [...actions] }),
      ...(session &&
        isRecord(session.value) && {
          session_config: kept(session.value, ['session_expiration_time', 'carry_over_slots_to_new_session']),
        }),
      responses: Object.fromEntries(responses),
    },
  };
}

const formAt = (files: readonly ProjectFile[], form: string): Found => namedOf(files, 'forms').get(form) as Found;

function formsIn(files: readonly ProjectFile[], notes: Notes): Map<string, readonly string[]> {
  const forms = new Map<string, readonly string[]>();
  for (const [name, at] of namedOf(files, 'forms')) {
    const { required_slots: required, ignored_intents: ignored } = isRecord(at.value) ? at.value : {};
    // Before Rasa 3 the slots' mappings stood here.
    const slots = isRecord(required) ? Object.keys(required) : listOf(required).filter(isText);
    if (ignored !== undefined)
      notes.note(at, 'ignored_intents are not run: whatever a flow answers may interrupt a form');
    if (slots.length === 0) notes.note(at, `the form ${name} asks for nothing: it is left out`);
    else forms.set(name, slots);
  }
  return forms;
}

const TYPES = new Set(['text', 'bool', 'float', 'categorical', 'any', 'list']);
const MAPPED = ['type', 'entity', 'role', 'group', 'intent', 'not_intent', 'value', 'conditions'];

function slotsIn(
  files: readonly ProjectFile[],
  nlu: ImportedNlu,
  intents: readonly string[],
  notes: Notes,
): Map<string, Readonly<Record<string, unknown>>> {
  const slots = new Map<string, Readonly<Record<string, unknown>>>();
  for (const [name, at] of namedOf(files, 'slots')) {
    if (name === 'requested_slot' || name === 'session_started_metadata' || !isRecord(at.value)) continue;
    const { type, values, initial_value: initial } = at.value;
    const known = isText(type) && TYPES.has(type) ? type : 'any';
    if (isText(type) && known !== type)
      notes.note(at, `a slot of type ${type} is kept as a text`, { inside: ['type'] });
    const mappings = listOf(at.value['mappings']).flatMap((mapping, i) => {
      if (!isRecord(mapping)) return [];
      const inside = ['mappings', i];
      const { type: from, entity, intent } = mapping;
      if (from === 'from_entity' && isText(entity) && !nlu.entities.has(entity)) {
        notes.note(at, `nothing finds the entity ${entity}: the slot takes the whole answer`, { inside });
        return [{ type: 'from_text' }];
      }
      if (
        (from === 'from_intent' || from === 'from_trigger_intent') &&
        [intent].flat().some((it) => !intents.includes(String(it)))
      ) {
        notes.note(at, `the mapping names no intent of this bot, and is left out`, { inside });
        return [];
      }
      return [kept(mapping, MAPPED)];
    });
    slots.set(name, {
      type: known,
      ...(known === 'categorical' && { values: listOf(values) }),
      ...(initial !== undefined && initial !== null && { initial_value: initial }),
      ...(mappings.length > 0 && { mappings }),
      ...(isRecord(at.value['validation']) && { validation: at.value['validation'] }),
    });
  }
  return slots;
}

function responsesIn(
  files: readonly ProjectFile[],
  slots: ReadonlySet<string>,
  intents: readonly string[],
  notes: Notes,
): Map<string, readonly unknown[]> {
  const responses = new Map<string, readonly unknown[]>();
  for (const [name, at] of namedOf(files, 'responses')) {
    const variants = listOf(at.value).flatMap((variant, i) => {
      if (!isRecord(variant)) return [];
      const inside = [i];
      const { text, image, channel, condition, metadata, translation } = variant;
      if (image !== undefined) notes.note(at, 'an image is not shown: its address is said', { inside });
      for (const key of ['attachment', 'custom', 'elements', 'quick_replies']) {
        if (variant[key] !== undefined) notes.note(at, `${key} is not shown`, { inside });
      }
      const words = [typeof text === 'number' || typeof text === 'boolean' ? String(text) : text, image]
        .filter(isText)
        .map((it) => it.trim())
        .filter(Boolean)
        .join('\n');
      if (words === '') return [];
      const buttons = listOf(variant['buttons']).flatMap((button) => buttonOf(button, at, i, intents, slots, notes));
      const language = isRecord(metadata) ? metadata['language'] : undefined;
      return [
        {
          text: withKnown(words, slots, at, i, notes),
          ...(isText(language) && { metadata: { language } }),
          ...(isText(channel) && { channel }),
          ...(Array.isArray(condition) && { condition }),
          ...(isRecord(translation) && { translation }),
          ...(buttons.length > 0 && { buttons }),
        },
      ];
    });
    if (variants.length > 0) responses.set(name, variants);
    else notes.note(at, `${name} says no words: it is left out`);
  }
  return responses;
}

function buttonOf(
  button: unknown,
  at: Found,
  i: number,
  intents: readonly string[],
  slots: ReadonlySet<string>,
  notes: Notes,
): readonly { readonly title: string; readonly payload: string }[] {
  if (!isRecord(button) || !isText(button['title'])) return [];
  const title = button['title'];
  // Rasa doubles braces, since single ones are placeholders.
  const payload = (isText(button['payload']) ? button['payload'] : title).replaceAll('{{', '{').replaceAll('}}', '}');
  const intent = /^\/([^{\s(]+)/u.exec(payload)?.[1];
  const set = /^\/SetSlots\(\s*([^=\s]+)/u.exec(payload)?.[1];
  if (
    set !== undefined
      ? slots.has(set)
      : intent === undefined || intents.includes(intent) || intents.includes(intent.split('/')[0] ?? '')
  )
    return [{ title, payload }];
  notes.note(at, `the button ${title} leads nowhere: it is left out`, { inside: [i] });
  return [];
}

function withKnown(text: string, slots: ReadonlySet<string>, at: Found, i: number, notes: Notes): string {
  return text.replaceAll(PLACEHOLDER, (whole, slot: string) => {
    if (slots.has(slot)) return whole;
    notes.note(at, `${whole} is no slot of this bot: the words stand there without braces`, { inside: [i] });
    return slot;
  });
}

function entityEntry([name, { roles, groups, dimension }]: readonly [string, EntityDetails]): unknown {
  if (roles.size + groups.size === 0 && dimension === undefined) return name;
  return {
    [name]: {
      ...(roles.size > 0 && { roles: [...roles] }),
      ...(groups.size > 0 && { groups: [...groups] }),
      ...(dimension !== undefined && { dimension }),
    },
  };
}

/** `- greet`, or `- greet: {…}`. */
export const nameIn = (entry: unknown): string | undefined =>
  isText(entry) ? entry : isRecord(entry) ? Object.keys(entry)[0] : undefined;

const kept = (of: Readonly<Record<string, unknown>>, keys: readonly string[]): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(of).filter(([key, value]) => keys.includes(key) && value !== undefined));
