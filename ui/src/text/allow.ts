// What the page says on which a person lets a program act for them, or does not.
import { plural } from "@/lib/format";

export const text = {
  title: "AOS Allow a program",
  heading: "Let a program act for you?",
  lead: "A program asks to use AutonomOS on your behalf, over MCP.",
  loading: "Looking at what it asks",
  asks: (program: string, tenant: string) => `${program} asks for access to the data of ${tenant}.`,
  vouched: (host: string) => `The name is vouched for by ${host}.`,
  unvouched: "Anybody may give a program this name. Allow it only if you have just begun this yourself.",
  leadsTo: (place: string) => `Your answer goes to ${place}.`,
  lasts: (seconds: number) =>
    `It may act for ${plural(Math.max(1, Math.round(seconds / 86_400)), "day")}, or until you stop it in your profile.`,
  may: "It may",
  notYours: "you may not do this yourself",
  allow: "Allow",
  refuse: "Refuse",
  answering: "Answering…",
  sentBack: "You are on your way back to the program. This page can be closed.",
  broken: "What the program asks cannot be granted. It is told why.",
  goBack: "Go back to the program",
  nothing: "This page is opened by a program that wants to act for you. Begin in the program.",
  home: "Go to AutonomOS",
};
