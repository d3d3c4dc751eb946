import { picture } from '../files/world.ts';
import { END, Stage, data, entry, file, finish, folder } from './play.ts';

/** A folder with two files, and the first half of a third; all of it safe. */
export async function begun(destination?: string): Promise<Stage> {
  const stage = new Stage(destination);
  stage.connect();
  await stage.play(folder('f'), file('f/a', 'a'), folder('f/g'), file('f/g/b', 'b'), [
    entry('f/c', 10),
    data('12345'),
  ]);
  await stage.cut();
  return stage;
}

export const HERE = { entry: 4, offset: 5 };

/** The rest of it; gives what is published. */
export async function rest(stage: Stage): Promise<Record<string, string>> {
  await stage.play([entry('f/c', 10), data('67890'), END]);
  await stage.play(finish(stage.reception));
  await stage.publish();
  return picture(stage.destination);
}

export const WHOLE = { f: '/', 'f/a': 'a', 'f/c': '1234567890', 'f/g': '/', 'f/g/b': 'b' };
