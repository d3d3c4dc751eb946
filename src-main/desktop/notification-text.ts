import type { Announcement } from './announce.ts';

/**
 * An announcement as this system's notifications have to be given it, so that what is read is the text that
 * it is.
 *
 * Linux: the body is markup by specification (Desktop Notifications, "Markup": `<b>`, `<a href>`, `<img>`),
 * and Electron hands it on as it is. So `&`, `<` and `>` become the entities that stand for them. The title
 * is plain text by specification; daemons that put it into markup of their own exist, and an entity would be
 * read as such by all others: angle brackets become the quotation marks that look like them. Other systems
 * take both as text.
 */
export function textFor(platform: NodeJS.Platform, { title, body }: Announcement): Announcement {
  if (platform !== 'linux') return { title, body };
  return {
    title: title.replaceAll('<', '‹').replaceAll('>', '›'),
    body: body.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
  };
}
