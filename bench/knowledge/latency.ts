import { latencies } from '../lib/latencies.ts';
import type { Progress } from '../../cli/progress.ts';
import { chance } from '../../shared/chance/index.ts';
import { versioned, type Article } from '../../shared/knowledge/article.ts';
import type { Embedder } from '../../shared/knowledge/embedder.ts';
import { lexicon } from '../../shared/knowledge/inverted.ts';
import { prepare, questionOf, searcher, type Prepared } from '../../shared/knowledge/searcher.ts';
import { WITH_START, WORDS_ONLY } from '../../shared/knowledge/tuning.ts';
import { articlesIn, LANGUAGES, questionsIn } from './set.ts';

/** What a large base costs. Times in milliseconds, sizes in bytes. */
export interface Cost {
  readonly passages: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** Processor time of this thread: what is left of p95 on a machine that does nothing else. */
  readonly cpu95: number;
  /** Words counted and vectors made, once for each version of an article. */
  readonly preparing: number;
  /** The index made of what is prepared. */
  readonly building: number;
  readonly index: number;
  /** Everything that the process holds for it. */
  readonly memory: number;
}

/** Builds a base of so many passages from sentences of the shipped articles and asks it the project's own questions. */
export async function costOf(passages: number, rounds: number, progress: Progress, embedder?: Embedder): Promise<Cost> {
  const before = memory();
  const words = lexicon();
  const prepared: Prepared[] = [];
  const tuning = embedder ? WITH_START : WORDS_ONLY;
  let count = 0;
  const began = performance.now();
  for (const article of synthetic(passages)) {
    prepared.push(await prepare(article, words, embedder));
    count += article.passages.length;
    progress.show(count / passages, count);
  }
  const preparing = performance.now() - began;
  const from = performance.now();
  const index = searcher(prepared, words, tuning, embedder?.dimension);
  const building = performance.now() - from;
  const held = memory() - before;
  const times = latencies();
  const cpu = latencies();
  const questions = LANGUAGES.flatMap((language) => questionsIn(language).map(({ text }) => text));
  for (let round = 0; round < rounds; round++) {
    for (const text of questions) {
      const [asked, used] = [performance.now(), process.threadCpuUsage()];
      index.search(await questionOf(text, embedder), 5);
      times.add(performance.now() - asked);
      const { user, system } = process.threadCpuUsage(used);
      cpu.add((user + system) / 1_000);
    }
  }
  progress.done();
  const [p50, p95, p99] = [times.percentile(50), times.percentile(95), times.percentile(99)];
  const cpu95 = cpu.percentile(95);
  return { passages: index.passages, p50, p95, p99, cpu95, preparing, building, index: index.bytes, memory: held };
}

/** Articles of five passages, each of three sentences drawn from all shipped ones; the same ones each time. */
function* synthetic(passages: number): Generator<Article> {
  const shipped = LANGUAGES.flatMap((language) => articlesIn(language));
  const random = chance(7);
  const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;
  const sentences = LANGUAGES.map((language) =>
    articlesIn(language).flatMap((a) =>
      a.passages.flatMap(({ text }) => text.match(/[^.!?。！？；\n]+[.!?。！？；]?/gu) ?? []),
    ),
  );
  for (let i = 0; i * 5 < passages; i++) {
    const own = sentences[i % sentences.length] ?? [];
    yield versioned({
      id: `made-${i}` as Article['id'],
      locale: LANGUAGES[i % LANGUAGES.length] ?? 'zh',
      title: pick(shipped.filter(({ locale }) => locale === LANGUAGES[i % LANGUAGES.length])).title,
      questions: [],
      passages: Array.from({ length: Math.min(5, passages - i * 5) }, (_, n) => ({
        headings: [],
        text: `${n}. ${[pick(own), pick(own), pick(own)].join(' ')}`.slice(0, 400),
      })),
    });
  }
}

function memory(): number {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers, external } = process.memoryUsage();
  return heapUsed + Math.max(arrayBuffers, external);
}
