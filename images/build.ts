import { execFile } from 'node:child_process';
import { parseArgs, promisify } from 'node:util';
import { runCommand } from '../shared/deploy/command.ts';
import { buildImage } from './image.ts';

const HELP = `npm run image -- [options]: builds the image as an OCI archive, with its bill of materials

  --process NAME  what runs where no arguments are given; turn
  --models false  without the runtime of models
  --out DIR       where it is put; node_modules/.cache/turnstream-image`;

/** The time of the commit, so that whoever builds it gets the same. */
async function lastCommit(): Promise<number> {
  const { stdout } = await promisify(execFile)('git', ['log', '-1', '--format=%ct']);
  return Number(stdout);
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

async function build(): Promise<void> {
  const { values } = parseArgs({
    options: {
      process: { type: 'string', default: 'turn' },
      models: { type: 'string', default: 'true' },
      out: { type: 'string', default: 'node_modules/.cache/turnstream-image' },
    },
  });
  const epoch = process.env['SOURCE_DATE_EPOCH'];
  const built = await buildImage({
    process: values.process,
    models: values.models === 'true',
    folder: values.out,
    epoch: epoch === undefined ? await lastCommit().catch(() => 0) : Number(epoch),
  });
  if (typeof built === 'string') {
    process.stderr.write(`${built}\n`);
    process.exitCode = 1;
    return;
  }
  const { name, builder, digest, archive, sbom, packed, unpacked } = built;
  process.stdout.write(`${name} by ${builder}: ${digest}\n${archive}\n${sbom}\n`);
  const parts = Object.entries(unpacked).map(([part, bytes]) => `${part} ${megabytes(bytes)}`);
  const all = Object.values(unpacked).reduce((sum, bytes) => sum + bytes, 0);
  process.stdout.write(`unpacked ${megabytes(all)} (${parts.join(', ')}); packed ${megabytes(packed)}\n`);
}

await runCommand(HELP, build);
