/** The runtime's library reports its use to its makers unless it finds this when it is loaded. */
export const SILENT = { ORT_DISABLE_TELEMETRY: '1' } as const;

/**
 * Keeps the runtime silent in this process and its threads. To be called in the main thread: a thread's environment is
 * a copy that native code does not see.
 */
export const keepSilent = (): void => void Object.assign(process.env, SILENT);
