// Colours for a terminal only. picocolors takes a CI for one too; what is piped or kept there must be plain all the same.
import pc from 'picocolors';

export const colours = pc.createColors(process.stdout.isTTY === true && pc.isColorSupported);
