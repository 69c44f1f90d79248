// What Linux's own build adds to a module: for which kernel it is, and the structure that the loader fills.
// Source: Linux, kernel/module/ and include/linux/module.h.
#define INCLUDE_VERMAGIC
#include <linux/module.h>
#include <linux/vermagic.h>

MODULE_INFO(vermagic, VERMAGIC_STRING);
MODULE_INFO(name, KBUILD_MODNAME);

struct module __this_module __section(".gnu.linkonce.this_module") __used = {
    .name = KBUILD_MODNAME,
    .init = init_module,
    .exit = cleanup_module,
    .arch = MODULE_ARCH_INIT,
};
