import { describe, expect, it } from 'vitest';
import { createLinkInbox, findLink, normalizeLink } from '../../../src-main/desktop/links.ts';
import { MAX_INVITE_CHARACTERS } from '../../../shared/limits.ts';

const LINK = 'sealane://pair#eyJh.eyJi.c2ln_-x';

describe('the shape of a link', () => {
  it.each([LINK, 'sealane://pair/#eyJh.eyJi.c2ln_-x', 'SEALANE://PAIR#eyJh.eyJi.c2ln_-x'])(
    '%s is one',
    (text) => {
      expect(normalizeLink(text)).toBe(LINK);
    },
  );

  it.each([
    '',
    'sealane:',
    'sealane://pair',
    'sealane://pair#',
    'sealane://send#eyJh',
    'sealane://pair@evil#eyJh',
    'sealane://pair/x#eyJh',
    'sealane://pair?x#eyJh',
    'sealane://pair#a b',
    'sealane://pair#a\nb',
    'sealane://pair#<b>',
    'sealane://pair#a#b',
    ` ${LINK}`,
    `${LINK}\n`,
    'https://pair#eyJh',
    'file:///etc/passwd#eyJh',
    `sealane://pair#${'x'.repeat(MAX_INVITE_CHARACTERS)}`,
  ])('%j is none', (text) => {
    expect(normalizeLink(text)).toBeUndefined();
  });

  it('is found wherever it stands on a command line', () => {
    expect(
      findLink(['sealane', '--allow-file-access-from-files', LINK, '--original-process-start-time=1']),
    ).toBe(LINK);
    expect(findLink(['sealane', '--x=sealane://pair#a'])).toBeUndefined();
  });
});

describe('the inbox of links', () => {
  it('keeps the newest until the page is there, and hands it over once', () => {
    const inbox = createLinkInbox();
    const shown: string[] = [];
    inbox.receive('sealane://pair#old');
    inbox.receive('sealane://pair#new');
    inbox.receive('https://example.org/');
    inbox.receive(undefined);
    inbox.open((link) => shown.push(link));
    inbox.open((link) => shown.push(link));
    expect(shown).toEqual(['sealane://pair#new']);
  });

  it('hands over at once while the page is there, and waits again when it is gone', () => {
    const inbox = createLinkInbox();
    const shown: string[] = [];
    inbox.open((link) => shown.push(link));
    inbox.receive('sealane://pair#one');
    expect(shown).toEqual(['sealane://pair#one']);
    inbox.close();
    inbox.receive('sealane://pair#two');
    expect(shown).toHaveLength(1);
    inbox.open((link) => shown.push(link));
    expect(shown).toEqual(['sealane://pair#one', 'sealane://pair#two']);
  });
});
