import { isPageAddress } from './page-files.ts';

/** What is used of Electron's frames, contents and events. */
export interface Frame {
  readonly url: string;
}
export interface Contents {
  readonly mainFrame: Frame;
}
export interface Message {
  readonly sender: Contents;
  /** Null when the frame is gone or has gone elsewhere since. */
  readonly senderFrame: Frame | null;
}

/** Whether a message comes from our page in our window: its main frame, showing the page's own address. */
export function isFromPage({ sender, senderFrame }: Message, page: Contents | undefined): boolean {
  if (page === undefined || senderFrame === null || sender !== page) return false;
  return senderFrame === page.mainFrame && isPageAddress(senderFrame.url);
}
