/** What a source says of a clip. */
export interface Figures {
  views: number;
  metric: string;
  /** The unit that a rounded count was rounded to. */
  roundedTo?: number;
  likes?: number;
  comments?: number;
  shares?: number;
  postedAt?: string;
  followers?: number;
}
