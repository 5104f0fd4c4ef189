import type { LoadSession } from '../load/protocol.ts';
import type { Deployment } from './deployment.ts';
import { connectionPool, requestText } from './http-connection.ts';

const AT_ONCE = 32;

/** Opens sessions over the API, in turn for each tenant. */
export async function openSessions({ gateways: [gateway], keys }: Deployment, count: number): Promise<LoadSession[]> {
  const pool = connectionPool(gateway?.port ?? 0);
  const sessions: LoadSession[] = [];
  const open = async (index: number) => {
    const key = keys[index % keys.length] ?? '';
    const answer = await pool.request(requestText('POST', '/v1/sessions', { key, body: {} }));
    if (answer.status !== 201) throw new Error(`a session was not opened: ${answer.status} ${answer.body}`);
    sessions.push({ id: (JSON.parse(answer.body) as { readonly session: string }).session, key });
  };
  let next = 0;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (next < count) await open(next++);
    }),
  );
  pool.close();
  return sessions;
}
