// The VGA text screen.
#pragma once

void screen_init(void);
void screen_put(char character);
