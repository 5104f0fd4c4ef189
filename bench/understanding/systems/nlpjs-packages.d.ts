declare module '@nlpjs/core' {
  /** What its parts find each other by. */
  interface Container {
    readonly use: (part: unknown) => void;
    readonly registerConfiguration: (tag: string, configuration: unknown, override: boolean) => void;
    readonly get: (name: 'nlp') => Nlp;
  }
  interface Nlp {
    readonly settings: Record<string, unknown>;
    readonly addLanguage: (locale: string) => void;
    readonly addDocument: (locale: string, text: string, intent: string) => void;
    readonly train: () => Promise<void>;
    readonly process: (locale: string, text: string) => Promise<{ readonly intent: string; readonly score: number }>;
    readonly export: () => string;
  }
  export function containerBootstrap(): Promise<Container>;
}
declare module '@nlpjs/nlp' {
  export const Nlp: unknown;
}
declare module '@nlpjs/lang-en' {
  export const LangEn: unknown;
}
declare module '@nlpjs/lang-zh' {
  export const LangZh: unknown;
}
