/** Made at the first use: to load a language takes longer than all else that the extension does when it starts. */
let formats: Record<'time' | 'dateAndTime', Intl.DateTimeFormat> | undefined;

/** A moment in as few words as tell it from others: without the date when it is one of today's. */
export function moment(milliseconds: number): string {
  formats ??= {
    time: new Intl.DateTimeFormat(undefined, { timeStyle: 'short' }),
    dateAndTime: new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' }),
  };
  const isToday = new Date(milliseconds).toDateString() === new Date().toDateString();
  return (isToday ? formats.time : formats.dateAndTime).format(milliseconds);
}
