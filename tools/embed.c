/* SPDX-License-Identifier: MIT */
/* `preecho embed`, which no person calls: the core starts it with the far end of a carrier as
 * descriptor 3 and shared memory (shim/core/embedding_job.h) as descriptor 4. It asks an embedding
 * model, and writes one byte to the carrier when there is an answer, or none will come.
 *
 * A child does the work: should it break, or be killed, its parent calls the program all the same, and
 * the other way round. */
#include "embed.h"

#include "shim/core/embedder_ask.h"
#include "shim/core/embedding_job.h"

#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#define CARRIER  3
#define SHEET    4
#define GRACE_MS 50 /* behind the deadline, for what is no waiting */

static struct embedding_sheet *open_sheet(void)
{
    struct embedding_sheet *sheet =
        mmap(NULL, sizeof(*sheet), PROT_READ | PROT_WRITE, MAP_SHARED, SHEET, 0);
    if (sheet == MAP_FAILED)
        return NULL;
    bool sound = sheet->version == EMBEDDING_SHEET_VERSION &&
                 sheet->size == sizeof(*sheet) && sheet->text_size <= EMBEDDER_TEXT &&
                 sheet->embedder.deadline_ms <= 60000;
    return sound ? sheet : NULL;
}

static void call(void)
{
    (void)!send(CARRIER, "", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void answer(struct embedding_sheet *sheet, enum embedded embedded)
{
    sheet->embedded = embedded;
    atomic_store_explicit(&sheet->answered, 1, memory_order_release);
}

/* The child. Its parent calls, unless somebody has killed that. */
static void ask(struct embedding_sheet *sheet, pid_t parent)
{
    struct span text = span_of(sheet->text, sheet->text_size);
    answer(sheet, embedder_ask(&sheet->embedder, text, &sheet->vector));
    if (getppid() != parent)
        call();
}

/* Until the child has ended, which closes |end|; or nobody is left to be called; or for too long: then
 * that is the answer, if the child had no time for one. */
static void supervise(struct embedding_sheet *sheet, pid_t child, int end)
{
    struct pollfd entries[] = {{end, POLLIN, 0}, {CARRIER, POLLRDHUP, 0}};
    bool late = poll(entries, 2, (int)(sheet->embedder.deadline_ms + GRACE_MS)) == 0;
    kill(child, SIGKILL);
    (void)!waitpid(child, NULL, 0);
    if (late && !atomic_load(&sheet->answered))
        answer(sheet, EMBEDDED_LATE);
    call();
}

int embed_run(int count, char **arguments)
{
    (void)arguments;
    int ends[2];
    struct embedding_sheet *sheet = count == 1 ? open_sheet() : NULL;
    if (!sheet || pipe(ends) != 0)
        return EX_USAGE;
    pid_t self = getpid(), child = fork();
    if (child < 0)
        return EX_OSERR;
    if (child == 0) {
        close(ends[0]);
        ask(sheet, self);
        _exit(EX_OK);
    }
    close(ends[1]);
    supervise(sheet, child, ends[0]);
    return EX_OK;
}
