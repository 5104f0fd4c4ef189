import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What an image is built from, and where it goes. */
export interface Order {
  /** The folder with the Dockerfile. */
  readonly context: string;
  /** The folder with the files, as `lay-out.ts` makes it. */
  readonly files: string;
  /** Its name with its version. */
  readonly name: string;
  /** The archive in the OCI layout that is written. */
  readonly archive: string;
  /** The time that everything in it says it is from, in seconds. */
  readonly epoch: number;
  /** For what must not be left behind. */
  readonly scratch: string;
}

/** Something that builds images from a Dockerfile. */
export interface Builder {
  readonly name: 'buildah' | 'docker';
  /** Writes the archive. Fails with what the builder said. */
  readonly build: (order: Order) => Promise<void>;
}

/** Neither a daemon nor rights beyond those of the user. */
const buildah: Builder = {
  name: 'buildah',
  async build({ context, files, name, archive, epoch, scratch }) {
    await mkdir(scratch, { recursive: true });
    const storage = ['--storage-driver', 'vfs', '--root', join(scratch, 'store'), '--runroot', join(scratch, 'run')];
    const from = ['--isolation', 'chroot', '--build-context', `laid-out=${files}`, '--timestamp', String(epoch)];
    await run('buildah', [
      ...storage,
      'bud',
      '--layers',
      ...from,
      '--tag',
      name,
      '--file',
      join(context, 'Dockerfile'),
      files,
    ]);
    await run('buildah', [...storage, 'push', '--quiet', name, `oci-archive:${archive}:${name}`]);
    await run('buildah', [...storage, 'rmi', '--all', '--force']);
  },
};

const docker: Builder = {
  name: 'docker',
  async build({ context, files, name, archive, epoch }) {
    const output = `type=oci,dest=${archive},name=${name},rewrite-timestamp=true`;
    const from = ['--build-context', `laid-out=${files}`, '--build-arg', `SOURCE_DATE_EPOCH=${epoch}`];
    await run('docker', ['buildx', 'build', ...from, '--output', output, '--file', join(context, 'Dockerfile'), files]);
  },
};

/** The builder that works here: `buildah`, or `docker` with a daemon that answers; or why there is none. */
export async function findBuilder(): Promise<Builder | string> {
  const works = (command: string, ...args: readonly string[]) =>
    run(command, args, { timeout: 10_000 }).then(
      () => true,
      () => false,
    );
  if (await works('buildah', '--version')) return buildah;
  if (await works('docker', 'info', '--format', '{{.ServerVersion}}')) return docker;
  return 'neither buildah nor docker with a daemon is here: apt-get install buildah';
}
