import { parse, parseFragment, type DefaultTreeAdapterTypes as Tree } from 'parse5';
import { outline, oneLine, type Draft } from './draft.ts';

/** What is no part of an article's text. */
const SKIPPED = new Set(
  'script style template noscript head nav footer aside form button select svg math iframe object audio video'.split(
    ' ',
  ),
);
/** Within these, text runs on; every other element begins and ends a block. */
const INLINE = new Set(
  'a abbr b bdi bdo cite code data del dfn em font i ins kbd label mark q s samp small span strike strong sub sup time tt u var'.split(
    ' ',
  ),
);
const HEADING = /^h([1-6])$/u;
/** Cells of a row stand side by side. */
const CELL = new Set(['td', 'th']);

/**
 * The text of a page: headings, paragraphs, list items and rows of tables, as a browser would show them; navigation,
 * scripts and what is hidden are left out. Anything is HTML to a browser, so nothing is refused.
 */
export function readHtml(text: string): Draft {
  const document = parse(text, { sourceCodeLocationInfo: true });
  const root = document.childNodes.find((node) => node.nodeName === 'html') as Tree.Element | undefined;
  const language = root && attribute(root, 'lang');
  const title = titleOf(root);
  const { blocks, first } = blocksIn(document);
  const shown = first ?? title;
  return {
    ...(language !== undefined && language !== '' && { locale: language }),
    ...(shown !== undefined && shown !== '' && { title: shown }),
    questions: [],
    blocks,
    line: 1,
  };
}

/** The text of a piece of HTML without its marks, its entities as the characters that they stand for. */
export function textOfHtml(html: string): string {
  if (!/[<&]/u.test(html)) return html;
  const parts: string[] = [];
  const open: Tree.Node[] = [parseFragment(html)];
  for (let node = open.pop(); node; node = open.pop()) {
    if (isText(node)) parts.push(node.value);
    else if ('childNodes' in node && !SKIPPED.has(node.nodeName)) open.push(...node.childNodes.toReversed());
  }
  return parts.join('');
}

/** Walks without recursion: a page may nest as deeply as it likes. The first `h1` is the title and heads nothing. */
function blocksIn(document: Tree.Document): { readonly blocks: Draft['blocks']; readonly first: string | undefined } {
  const text = outline();
  let first: string | undefined;
  let level = 0;
  let said = '';
  let line = 1;
  const flush = () => {
    const plain = oneLine(said);
    said = '';
    if (level === 1 && first === undefined) first = plain;
    else if (level > 0) text.heading(level, plain);
    else text.block(plain, line);
  };
  const open: (Tree.Node | (() => void))[] = [document];
  for (let node = open.pop(); node; node = open.pop()) {
    if (typeof node === 'function') node();
    else if (isText(node)) {
      if (oneLine(said) === '') line = node.sourceCodeLocation?.startLine ?? line;
      said += node.value;
    } else if ('childNodes' in node && !isHidden(node)) {
      const name = node.nodeName;
      const depth = Number(HEADING.exec(name)?.[1] ?? 0);
      if (CELL.has(name)) said += said === '' ? '' : ' · ';
      else if (!INLINE.has(name)) {
        flush();
        if (depth > 0) level = depth;
        open.push(() => {
          flush();
          if (depth > 0) level = 0;
        });
      }
      open.push(...node.childNodes.toReversed());
    }
  }
  return { blocks: text.blocks, first };
}

function isHidden(node: Tree.Node): boolean {
  if (SKIPPED.has(node.nodeName)) return true;
  if (!('attrs' in node)) return false;
  return node.attrs.some(({ name, value }) => name === 'hidden' || (name === 'aria-hidden' && value === 'true'));
}

function titleOf(root: Tree.Element | undefined): string | undefined {
  const head = root?.childNodes.find((node) => node.nodeName === 'head') as Tree.Element | undefined;
  const title = head?.childNodes.find((node) => node.nodeName === 'title') as Tree.Element | undefined;
  const text = title?.childNodes.find(isText)?.value;
  return text === undefined ? undefined : oneLine(text);
}

const isText = (node: Tree.Node): node is Tree.TextNode => node.nodeName === '#text';

const attribute = ({ attrs }: Tree.Element, wanted: string): string | undefined =>
  attrs.find(({ name }) => name === wanted)?.value;
