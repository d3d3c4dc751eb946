import { describe, expect, it } from 'vitest';
import { createAnnouncer } from '../../../src-main/desktop/announce.ts';
import { textFor } from '../../../src-main/desktop/notification-text.ts';
import { OFFERED, items } from '../../support/offered.ts';
import { deviceId, transferEvent } from './samples.ts';

const LINK = '<a href="http://evil.example/x">Your session expired, click here</a>';
const IMAGE = '<img src="file:///home/ines/secret.png" alt="x"/>';
const ENTITY = '&#x3c;b&gt; Tom & Ann &amp; co';
const HOSTILE = [LINK, IMAGE, ENTITY, '<b>bold</b>', '<<i>>', ']]><u>x</u>', '<A\tHREF=x>y</A>'];

/** What a reader of XML takes for more than text: a tag, a comment, or an entity that is not one of ours. */
const MARKUP = /<|>|&(?!amp;|lt;|gt;)/;

/** What a daemon that renders markup would show. */
const rendered = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

describe('on Linux, where the body of a notification is markup', () => {
  it.each(HOSTILE)('a name that is markup is shown as it is, and makes none: %s', (name) => {
    const event = transferEvent(OFFERED, { items: items(name), device: { id: deviceId, name } });
    const announcement = createAnnouncer()(event);
    if (announcement === undefined) throw new Error('nothing to announce');
    const { title, body } = textFor('linux', announcement);
    expect(body).not.toMatch(MARKUP);
    expect(rendered(body)).toBe(announcement.body);
    // Plain text, in which an entity would be read as such.
    expect(title).toBe(announcement.title.replaceAll('<', '‹').replaceAll('>', '›'));
  });

  it('a name that was shortened ends in no half of an entity', () => {
    for (let length = 150; length < 260; length += 1) {
      const event = transferEvent(OFFERED, { items: items('&'.repeat(length)) });
      const announcement = createAnnouncer()(event);
      if (announcement === undefined) throw new Error('nothing to announce');
      expect(textFor('linux', announcement).body).not.toMatch(MARKUP);
    }
  });
});

describe.each(['darwin', 'win32'] as const)('on %s, where a notification is text', (platform) => {
  it.each(HOSTILE)('a name stays as readable as it is: %s', (name) => {
    expect(textFor(platform, { title: name, body: name })).toEqual({ title: name, body: name });
  });
});
