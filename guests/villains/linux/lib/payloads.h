// Code that exploits have run in the kernel's place. It could do anything; it only looks at its privilege level: CS is left in payload_cs.
#pragma once
#include <stdint.h>

extern volatile int payload_cs;
// Where payload_return goes on, and what payload_sysenter puts back.
extern uintptr_t true_return, true_sysenter;

// Addresses of the payloads, one for each way in.
extern const char payload[];           // called; returns CS
extern const char payload_return[];    // in place of a return: goes on where that would have gone
extern const char payload_interrupt[]; // ends with IRET
extern const char payload_far[];       // ends with a far return
extern const char payload_escape[];    // nothing to return to: goes back to user mode by a frame of its own
extern const char payload_sysenter[];  // the same, and puts the entry back

// `mov %cs, %eax; ret`: runs wherever it is put.
extern const unsigned char moved_payload[4];

// What payload_escape comes back from: ioctl(file, request, argument), or SYSENTER.
void control_and_escape(int file, unsigned request, uintptr_t argument);
void sysenter_and_escape(void);
