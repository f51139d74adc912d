/* SPDX-License-Identifier: MIT */
/* See draft.h. */
#include "draft.h"

#include "print.h"

#include <errno.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

static int refuse(const char *path)
{
    print_error("%s exists; give --force to replace it", path);
    return EX_CANTCREAT;
}

static int fail(const char *path)
{
    print_error("%s cannot be written: %s", path, strerror(errno));
    return EX_CANTCREAT;
}

int draft_begin(struct draft *draft, const char *path, bool force)
{
    *draft = (struct draft){.path = print_memory("%s", path), .force = force};
    if (strcmp(path, "-") == 0) {
        draft->file = stdout;
        return 0;
    }
    if (!force && access(path, F_OK) == 0)
        return refuse(path);
    draft->temporary = print_memory("%s.XXXXXX", path);
    int descriptor = mkstemp(draft->temporary);
    draft->file = descriptor >= 0 ? fdopen(descriptor, "w") : NULL;
    if (draft->file)
        return 0;
    int status = fail(path);
    if (descriptor >= 0)
        close(descriptor);
    return status;
}

/* Takes the name, unless it is taken meanwhile. */
static int give_name(struct draft *draft)
{
    if (draft->force)
        return rename(draft->temporary, draft->path) == 0 ? 0 : fail(draft->path);
    if (link(draft->temporary, draft->path) != 0)
        return errno == EEXIST ? refuse(draft->path) : fail(draft->path);
    unlink(draft->temporary);
    return 0;
}

int draft_finish(struct draft *draft)
{
    if (!draft->temporary)
        return print_finish();
    bool good = fflush(draft->file) == 0 && !ferror(draft->file) &&
                fsync(fileno(draft->file)) == 0;
    if (!good)
        return fail(draft->path);
    int status = give_name(draft);
    if (status == 0) {
        free(draft->temporary);
        draft->temporary = NULL;
    }
    return status;
}

void draft_drop(struct draft *draft)
{
    if (draft->file && draft->file != stdout)
        fclose(draft->file);
    if (draft->temporary && draft->file)
        unlink(draft->temporary);
    free(draft->temporary);
    free(draft->path);
    *draft = (struct draft){0};
}
