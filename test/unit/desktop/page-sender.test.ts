import { describe, expect, it } from 'vitest';
import { PAGE_URL } from '../../../src-main/desktop/page-files.ts';
import { isFromPage } from '../../../src-main/desktop/page-sender.ts';
import type { Contents } from '../../../src-main/desktop/page-sender.ts';

const contents = (url: string): Contents => ({ mainFrame: { url } });

describe('a message of the page', () => {
  const page = contents(PAGE_URL);
  const { mainFrame } = page;

  it('is taken from the main frame of its window', () => {
    expect(isFromPage({ sender: page, senderFrame: mainFrame }, page)).toBe(true);
  });

  it.each([
    ['from a frame inside the page', { sender: page, senderFrame: { url: PAGE_URL } }, page],
    ['from a frame that is gone', { sender: page, senderFrame: null }, page],
    ['from another window', { sender: contents(PAGE_URL), senderFrame: mainFrame }, page],
    ['while there is no window', { sender: page, senderFrame: mainFrame }, undefined],
  ])('is not taken %s', (_where, message, ours) => {
    expect(isFromPage(message, ours)).toBe(false);
  });

  it.each([
    'about:blank',
    'file:///index.html',
    'https://app/index.html',
    'sealane-app://app/other.html',
    'sealane-app://app.example/index.html',
    `${PAGE_URL}.js`,
  ])('is not taken when the window shows %s', (url) => {
    const elsewhere = contents(url);
    expect(isFromPage({ sender: elsewhere, senderFrame: elsewhere.mainFrame }, elsewhere)).toBe(false);
  });
});
