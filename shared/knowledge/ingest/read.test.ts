import { describe, expect, it } from 'vitest';
import { MAX_ARTICLE } from '../article.ts';
import { MAX_FILE_BYTES, readArticles } from './read.ts';

const read = (file: string, text: string) => readArticles(file, Buffer.from(text));
const texts = (file: string, text: string) => read(file, text).articles.flatMap((a) => a.passages.map((p) => p.text));

describe('Markdown', () => {
  it('is one article: its first heading the title, front matter the rest', () => {
    const { articles, issues } = read(
      'refunds.md',
      '---\nlocale: en\nquestions: [where is my money]\n---\n\n# Refunds\n\nWithin **3** days, see [here](https://x.example).\n\n## Cards\n\n- `Visa` &amp; others\n- one more\n\n| a | b |\n|---|---|\n| 1 | 2 |\n',
    );
    expect(issues).toEqual([]);
    expect(articles).toMatchObject([
      { id: 'refunds', locale: 'en', title: 'Refunds', questions: ['where is my money'] },
    ]);
    expect(articles[0]?.passages).toEqual([
      { headings: [], text: 'Within 3 days, see here.\nCards\nVisa & others\none more\n1 · 2' },
    ]);
  });

  it('without a title is named by its file, and its language by its letters', () => {
    expect(read('My Page.md', '三天之内退款。').articles).toMatchObject([
      { id: 'my-page', title: 'My Page', locale: 'zh' },
    ]);
    expect(read('退款.md', '三天之内退款。').articles[0]?.id).toMatch(/^article-[0-9a-f]{12}$/u);
  });

  it.each([
    ['---\ntitle: [\n---\ntext', 'the front matter is not YAML'],
    ['---\nother: 1\n---\ntext', 'front matter: other is not known or not valid'],
    ['---\na: &a [x]\nb: [*a,*a]\n---\ntext', 'front matter: aliases are not allowed'],
    ['> '.repeat(100_000), 'quotes or lists are nested too deeply'],
    ['# only a title', 'the article has no text'],
    ['', 'the article has no text'],
  ])('that is wrong is told: %#', (text, message) => {
    const { articles, issues } = read('a.md', text);
    expect(articles).toEqual([]);
    expect(issues[0]?.message).toContain(message);
  });

  it('that nests or repeats marks takes no more than some seconds', () => {
    const started = performance.now();
    for (const marks of ['[', '*a ', '![', '`', '<', '_a *b ', '|a\n|-\n'])
      read('a.md', marks.repeat(60_000 / marks.length));
    expect(performance.now() - started).toBeLessThan(15_000);
  });
});

describe('HTML', () => {
  it('is read as a browser shows it: without navigation, scripts and what is hidden', () => {
    const page =
      '<html lang="en"><title>T</title><nav>no</nav><script>no()</script><h1>Big</h1><p hidden>no<p>a<b>b</b>c &amp; d<ul><li>one<li>two</ul><h2>Sub</h2><table><tr><td>1<td>2</table>';
    expect(read('x.html', page).articles).toMatchObject([{ id: 'x', locale: 'en', title: 'Big' }]);
    expect(texts('x.html', page)).toEqual(['abc & d\none\ntwo\nSub\n1 · 2']);
  });

  it('may nest as deeply as it likes', () => {
    expect(texts('x.html', `${'<div>'.repeat(30_000)}deep`)).toEqual(['deep']);
  });
});

describe('CSV', () => {
  it('has an article in each row, with other ways of asking', () => {
    const { articles } = read(
      'faq.csv',
      'question;answer;variants\nWhere?;"Here\nand there";where is|whither\nWhen?;Now;\n',
    );
    expect(articles).toMatchObject([
      { title: 'Where?', questions: ['where is', 'whither'], passages: [{ text: 'Here\nand there' }] },
      { title: 'When?', questions: [] },
    ]);
    expect(articles[0]?.id).toMatch(/^faq-[0-9a-f]{12}$/u);
  });

  it.each([
    ['a,b\n1,2\n', 1, 'question is missing'],
    ['question,answer,colour\n1,2,3\n', 1, 'the column "colour" is not known'],
    ['question,answer\nx,y\nx,y,z\n', 3, 'this row has another number of cells'],
    ['question,answer\nx,y\n"open,z\n', 3, 'a quote is opened and never closed'],
    ['question,answer\nx,"a\nb"\n,y\n', 4, 'the question is empty'],
    ['question,answer\nx,y\nx,z\n', 3, 'stands in line 2 already'],
    ['question,answer\n', 1, 'there is no article in it'],
  ])('that is wrong is told with its line: %#', (text, line, message) => {
    const { articles, issues } = read('faq.csv', text);
    expect(articles).toEqual([]);
    expect(issues[0]?.line).toBe(line);
    expect(issues[0]?.message).toContain(message);
  });
});

describe('any file', () => {
  it('of 50 MB is refused without being parsed', () => {
    expect(readArticles('a.md', Buffer.alloc(50e6, 97)).issues[0]?.message).toBe('the file is larger than 2 MB');
    expect(MAX_FILE_BYTES).toBe(2 * 1024 * 1024);
  });

  it('with an article that is too long says where it has to end', () => {
    const { issues } = read('a.md', `one\n${'x'.repeat(MAX_ARTICLE)}`);
    expect(issues).toEqual([
      { file: 'a.md', line: 2, message: 'the article is longer than 200000 characters: make several of it' },
    ]);
  });

  it('that is not UTF-8 or has another ending is refused', () => {
    expect(readArticles('a.md', Buffer.from([0x61, 0x0a, 0xff])).issues[0]).toMatchObject({
      line: 2,
      message: 'the text is not UTF-8',
    });
    expect(read('a.pdf', 'x').issues[0]?.message).toContain('.md');
  });

  it('names an article by its content: the same version for the same text, another for another', () => {
    const version = (text: string) => read('a.md', text).articles[0]?.version;
    expect(version('Free of charge.')).toBe(version('Free *of* charge.\n'));
    expect(version('Free of charge.')).not.toBe(version('Free of charge!'));
  });
});
