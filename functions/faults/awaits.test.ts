import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { FAILPOINTS } from '../../shared/runtime/failpoint.ts';

const FOLDER = '../../shared/runtime/';
const FILES = ['chain', 'decide', 'deliveries', 'give-up', 'http', 'invoke', 'place', 'pull', 'react'];

/** Awaits that need none of their own, and why. */
const HARMLESS: readonly (readonly [RegExp, string])[] = [
  [/^request\.arrayBuffer/u, 'reads what came, between two failpoints of its caller'],
  [/^host\.telemetry\.step/u, 'runs what is marked inside'],
  [/^Promise\.race\(\[result, timeout\]\)/u, 'is the handler, between two failpoints of its caller'],
  [/^durableConsumer\(|^consumer\./u, 'happens before anything is delivered'],
  [/^Promise\.all\(returning\)/u, 'waits for what is marked inside'],
  [/^drain\(messages\)/u, 'waits for what is on its way, and does nothing with it'],
  [/^loop$|^work\.idle|^immediately|^nc\.flush/u, 'happens while the host stops, when deliveries have been answered'],
  [/^room\(\)|^work\.run/u, 'waits for a turn to begin'],
  [/^suspects\.deaths|^delay\(RETRY_MS/u, 'only reads, before anything has begun'],
  [/^guarded\(\(\) => deliveryOf|^guarded\(async \(\) => prepare|^cipher\.open/u, 'only reads what came'],
  [/^log\.latest\(event\)/u, 'only reads, after an append that was refused'],
  [/^readSession\(log, envelope/u, 'only reads, between two failpoints of its callers'],
];

const sourceOf = async (file: string): Promise<ts.SourceFile> => {
  const path = fileURLToPath(new URL(`${FOLDER}${file}.ts`, import.meta.url));
  return ts.createSourceFile(path, await readFile(path, 'utf8'), ts.ScriptTarget.Latest, true);
};

const failpointsIn = (node: ts.Node): readonly string[] => {
  const names: string[] = [];
  const visit = (n: ts.Node): void => {
    if (ts.isCallExpression(n) && n.expression.getText() === 'failpoint') {
      for (const argument of n.arguments) if (ts.isStringLiteral(argument)) names.push(argument.text);
    }
    ts.forEachChild(n, visit);
  };
  visit(node);
  return names;
};

const holdsStatements = (node: ts.Node): node is ts.Block | ts.CaseClause | ts.SourceFile =>
  ts.isBlock(node) || ts.isCaseClause(node) || ts.isSourceFile(node);

/** The functions that a file declares: where they are awaited, what is marked is inside. */
function declaredIn(source: ts.SourceFile): readonly string[] {
  const names: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionDeclaration(node) && node.name) names.push(node.name.text);
    if (ts.isVariableDeclaration(node) && node.initializer && ts.isArrowFunction(node.initializer)) {
      names.push(node.name.getText());
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return names;
}

/** What is awaited in a file without a failpoint right before or behind it. */
function unmarked(source: ts.SourceFile): readonly string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isAwaitExpression(node)) {
      let statement: ts.Node = node;
      while (!holdsStatements(statement.parent)) statement = statement.parent;
      const siblings = statement.parent.statements;
      const at = siblings.indexOf(statement as ts.Statement);
      const isMarked = [siblings[at - 1], siblings[at + 1]].some(
        (s) => s && ts.isExpressionStatement(s) && failpointsIn(s).length > 0,
      );
      if (!isMarked) found.push(node.expression.getText());
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

describe('an await in the runtime', () => {
  it.each(FILES)('of %s stands beside a failpoint', async (file) => {
    const own = new Set((await Promise.all(FILES.map(sourceOf))).flatMap(declaredIn));
    const missing = unmarked(await sourceOf(file))
      .filter((text) => !own.has(text.replace(/\(.*$/su, '')))
      .filter((text) => !HARMLESS.some(([pattern]) => pattern.test(text)));
    expect(missing).toEqual([]);
  });
});

it('every failpoint is somewhere, and no place has a name that is not listed', async () => {
  const used = (await Promise.all(FILES.map(sourceOf))).flatMap(failpointsIn);
  expect(new Set(used)).toEqual(new Set(FAILPOINTS));
});
