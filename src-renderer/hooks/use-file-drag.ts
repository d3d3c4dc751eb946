import { useEffect, useState } from 'react';
import type { DragEvent as ReactDragEvent } from 'react';

function holdsFiles(transfer: DataTransfer | null): boolean {
  return transfer?.types.includes('Files') ?? false;
}

/** What takes text that is dragged onto it, by itself. */
const TEXT_FIELD = 'textarea:enabled:read-write, input:enabled:read-write';

/** Text over a field that takes it; files never are. */
function isTextForField({ target, dataTransfer }: DragEvent): boolean {
  return target instanceof Element && target.closest(TEXT_FIELD) !== null && !holdsFiles(dataTransfer);
}

/** Whether this is where a target for files is that takes nothing for a moment: see steady.ts. */
function isOverHeld({ clientX, clientY }: DragEvent): boolean {
  return [...document.querySelectorAll('[data-drop-target][data-unsteady]')].some((target) => {
    const { left, right, top, bottom } = target.getBoundingClientRect();
    return clientX >= left && clientX < right && clientY >= top && clientY < bottom;
  });
}

/**
 * Whether files are being dragged over the window. Also keeps a drop beside every target from doing anything: a browser would
 * leave the page and open the file. Text may be dropped on a field. `onTooSoon` is called for files that are dropped on a target that
 * takes nothing for a moment.
 */
export function useFileDrag(onTooSoon: () => void): boolean {
  const [dragging, setDragging] = useState(false);
  useEffect(() => {
    const over = (event: DragEvent): void => {
      if (event.defaultPrevented || event.dataTransfer === null || isTextForField(event)) return;
      event.preventDefault();
      // With `none` the page would not hear of the drop.
      event.dataTransfer.dropEffect = holdsFiles(event.dataTransfer) && isOverHeld(event) ? 'copy' : 'none';
    };
    const enter = (event: DragEvent): void => {
      if (holdsFiles(event.dataTransfer)) setDragging(true);
    };
    const leave = (event: DragEvent): void => {
      // Only leaving the window itself leads nowhere else.
      if (event.relatedTarget === null) setDragging(false);
    };
    const drop = (event: DragEvent): void => {
      setDragging(false);
      if (isTextForField(event)) return;
      if (!event.defaultPrevented && holdsFiles(event.dataTransfer) && isOverHeld(event)) onTooSoon();
      event.preventDefault();
    };
    window.addEventListener('dragover', over);
    window.addEventListener('dragenter', enter);
    window.addEventListener('dragleave', leave);
    window.addEventListener('drop', drop);
    return () => {
      window.removeEventListener('dragover', over);
      window.removeEventListener('dragenter', enter);
      window.removeEventListener('dragleave', leave);
      window.removeEventListener('drop', drop);
    };
  }, [onTooSoon]);
  return dragging;
}

export interface DropTarget {
  /** Whether a drop now would land here. */
  readonly over: boolean;
  readonly handlers: {
    readonly onDragOver: (event: ReactDragEvent) => void;
    readonly onDragLeave: (event: ReactDragEvent) => void;
    readonly onDrop: (event: ReactDragEvent) => void;
  };
}

/** Makes an element take dropped files and folders. */
export function useDropTarget(onFiles: (files: readonly File[]) => void): DropTarget {
  const [over, setOver] = useState(false);
  return {
    over,
    handlers: {
      onDragOver: (event) => {
        if (!holdsFiles(event.dataTransfer)) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = 'copy';
        setOver(true);
      },
      onDragLeave: (event) => {
        const into = event.relatedTarget;
        if (into instanceof Node && event.currentTarget.contains(into)) return;
        setOver(false);
      },
      onDrop: (event) => {
        event.preventDefault();
        setOver(false);
        const files = [...event.dataTransfer.files];
        if (files.length > 0) onFiles(files);
      },
    },
  };
}
