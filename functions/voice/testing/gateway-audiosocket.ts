import { scriptedGateway, type Protocol, type Script, type ScriptedGateway } from './gateway.ts';

const packet = (type: number, payload: Uint8Array = new Uint8Array()): Uint8Array => {
  const bytes = Buffer.alloc(3 + payload.length);
  bytes.writeUInt8(type, 0);
  bytes.writeUInt16BE(payload.length, 1);
  bytes.set(payload, 3);
  return bytes;
};

/**
 * Asterisk's AudioSocket, after docs/Configuration/Channel-Drivers/AudioSocket.md of asterisk/documentation: over TCP,
 * type, length in two bytes with the high one first, payload. What is sent ahead cannot be taken back, so
 * `mostAheadMs` shows who does.
 */
export function audioSocketGateway(uuid: string, script?: Script): ScriptedGateway {
  let received: Buffer = Buffer.alloc(0);
  const protocol: Protocol = {
    codec: 'l16',
    rate: 8_000,
    introduce: () => [packet(0x01, Buffer.from(uuid.replaceAll('-', ''), 'hex'))],
    media: (sound) => [packet(0x10, sound)],
    digit: (digit) => [packet(0x03, Buffer.from(digit, 'ascii'))],
    stop: () => [packet(0x00)],
    marked: () => [],
    take(bytes, queue) {
      received = Buffer.concat([received, typeof bytes === 'string' ? Buffer.from(bytes) : bytes]);
      while (received.length >= 3 && received.length >= 3 + received.readUInt16BE(1)) {
        const end = 3 + received.readUInt16BE(1);
        if (received.readUInt8(0) === 0x10) queue.play(new Uint8Array(received.subarray(3, end)));
        if (received.readUInt8(0) === 0x00) queue.hangUp();
        received = received.subarray(end);
      }
      return [];
    },
  };
  return scriptedGateway(protocol, script);
}
