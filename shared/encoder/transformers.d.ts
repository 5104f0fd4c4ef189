/** The few things that are used of the package; its own types need the DOM and sharp. */
declare module '@xenova/transformers' {
  export const env: {
    allowRemoteModels: boolean;
    allowLocalModels: boolean;
    localModelPath: string;
    useFSCache: boolean;
    useBrowserCache: boolean;
  };

  export interface Encoding {
    readonly input_ids: readonly number[];
    readonly token_type_ids?: readonly number[];
  }

  export interface Tokenizer {
    (
      text: string,
      options: {
        readonly text_pair?: string;
        readonly add_special_tokens?: boolean;
        readonly return_tensor: false;
      },
    ): Encoding;
    readonly pad_token_id?: number;
    readonly model: { readonly vocab: readonly string[] };
  }

  export class Tensor {
    constructor(type: string, data: unknown, dims: readonly number[]);
    readonly type: string;
    readonly data: unknown;
    readonly dims: readonly number[];
  }

  export type Model = (inputs: Readonly<Record<string, Tensor>>) => Promise<Readonly<Record<string, Tensor>>>;

  interface LoadOptions {
    readonly quantized?: boolean;
    readonly local_files_only: true;
  }

  export const AutoTokenizer: {
    from_pretrained(name: string, options: LoadOptions): Promise<Tokenizer>;
  };
  export const AutoModel: { from_pretrained(name: string, options: LoadOptions): Promise<Model> };
  export const AutoModelForSequenceClassification: typeof AutoModel;

  /** What a recogniser of speech makes of sound at 16 kHz. */
  export type Recogniser = (
    sound: Float32Array,
    options: { readonly language?: string; readonly task?: 'transcribe'; readonly chunk_length_s?: number },
  ) => Promise<{ readonly text: string }>;
  export function pipeline(
    task: 'automatic-speech-recognition',
    name: string,
    options: LoadOptions,
  ): Promise<Recogniser>;
}
