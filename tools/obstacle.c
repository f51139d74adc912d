/* SPDX-License-Identifier: MIT */
/* See obstacle.h. */
#include "obstacle.h"

#include "mapping.h"
#include "print.h"
#include "tls.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

/* The loader ignores LD_PRELOAD for a program that gains rights (ld.so(8),
 * secure-execution mode); what root starts, gains none by file capabilities. */
enum obstacle obstacle_by_rights(const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return OBSTACLE_NONE;
    if ((status.st_mode & S_ISUID) && status.st_uid != getuid())
        return OBSTACLE_SET_UID;
    if ((status.st_mode & S_ISGID) && status.st_gid != getgid())
        return OBSTACLE_SET_GID;
    if (getuid() != 0 && getxattr(path, "security.capability", NULL, 0) > 0)
        return OBSTACLE_CAPABILITIES;
    return OBSTACLE_NONE;
}

/* e_machine of this command: that of the stub beside it, too. 0 when it is not known. */
static uint16_t own_machine(void)
{
    struct span file = mapping_open("/proc/self/exe");
    struct elf *elf = print_grown(NULL, sizeof(*elf));
    uint16_t machine = file.at && elf_parse(file, elf) == 0 ? elf->machine : 0;
    free(elf);
    mapping_close(file);
    return machine;
}

enum obstacle obstacle_in(const struct images *images)
{
    const struct elf *elf = &images->at[0]->elf;
    if (elf->machine != own_machine() || !elf->wide)
        return OBSTACLE_MACHINE;
    if (!elf->interpreter.size)
        return OBSTACLE_STATIC;
    if (span_find(elf->interpreter, span_text("/ld-musl-")) < elf->interpreter.size)
        return OBSTACLE_MUSL;
    if (elf->go && !images_find(images, "libcurl", 0) &&
        !images_find(images, "libssl", 0))
        return OBSTACLE_GO;
    return OBSTACLE_NONE;
}

const char *obstacle_reason(enum obstacle obstacle)
{
    switch (obstacle) {
    case OBSTACLE_SET_UID:
        return "it is set-uid: the loader ignores LD_PRELOAD";
    case OBSTACLE_SET_GID:
        return "it is set-gid: the loader ignores LD_PRELOAD";
    case OBSTACLE_CAPABILITIES:
        return "it has file capabilities: the loader ignores LD_PRELOAD";
    case OBSTACLE_MACHINE:
        return "it is built for another machine or word size than preecho";
    case OBSTACLE_STATIC:
        return "it is statically linked: no loader runs, so nothing can be preloaded";
    case OBSTACLE_MUSL:
        return "it is built for musl, and preecho's core needs glibc";
    case OBSTACLE_GO:
        return tls_reason(TLS_GO);
    default:
        return "";
    }
}
