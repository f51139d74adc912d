/* SPDX-License-Identifier: MIT */
/* See embedding_job.h. */
#include "embedding_job.h"

#include "helper.h"
#include "spawn.h"
#include "store/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

struct embedding_job {
    struct embedding_sheet *sheet; /* shared with the helper */
};

/* Memory that cannot become smaller under us; its descriptor, or -1. */
static int make_memory(void)
{
    int fd = memfd_create("preecho", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0)
        return -1;
    if (ftruncate(fd, sizeof(struct embedding_sheet)) == 0 &&
        fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW) == 0)
        return fd;
    close(fd);
    return -1;
}

static void fill(struct embedding_sheet *sheet, const struct embedder *embedder,
                 struct span text)
{
    sheet->version = EMBEDDING_SHEET_VERSION;
    sheet->size = sizeof(*sheet);
    sheet->embedder = *embedder;
    sheet->text_size = (uint32_t)text.size;
    memcpy(sheet->text, text.at, text.size);
}

/* It is not preloaded, and learns nothing from the host's environment. */
static bool start(int far, int memory)
{
    struct buffer program = {0};
    const int keep[] = {far, memory};
    bool started = false;
    if (helper_program(&program)) {
        const char *const argv[] = {(const char *)program.at, "embed", NULL};
        const char *const environment[] = {"PATH=/usr/bin:/bin", "LC_ALL=C", NULL};
        started = spawn_detached(argv, environment, keep, 2) == 0;
    }
    buffer_free(&program);
    return started;
}

static bool set_up(struct embedding_job *job, const struct embedder *embedder,
                   struct span text, int far)
{
    int fd = make_memory();
    void *map = MAP_FAILED;
    if (fd >= 0)
        map = mmap(NULL, sizeof(*job->sheet), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    bool started = false;
    if (map != MAP_FAILED) {
        job->sheet = map;
        fill(job->sheet, embedder, text);
        started = start(far, fd);
    }
    if (fd >= 0)
        close(fd);
    return started;
}

struct embedding_job *embedding_job_start(const struct embedder *embedder,
                                          struct span text, int far)
{
    int saved = errno;
    struct embedding_job *job =
        text.size <= EMBEDDER_TEXT ? memory_new(sizeof(*job)) : NULL;
    if (job && !set_up(job, embedder, text, far)) {
        embedding_job_free(job);
        job = NULL;
    }
    errno = saved;
    return job;
}

/* The helper is ours, but may be of another build. */
static bool is_sound(const struct embedding_sheet *sheet)
{
    const struct vector *vector = &sheet->vector;
    return sheet->embedded != EMBEDDED_OK ||
           (vector->dimensions > 0 && vector->dimensions <= VECTOR_DIMENSIONS &&
            vector->square > 0);
}

enum embedded embedding_job_take(const struct embedding_job *job,
                                 const struct vector **out)
{
    const struct embedding_sheet *sheet = job->sheet;
    *out = NULL;
    if (!atomic_load_explicit(&sheet->answered, memory_order_acquire) ||
        sheet->embedded > EMBEDDED_HELPER || !is_sound(sheet))
        return EMBEDDED_HELPER;
    *out = &sheet->vector;
    return (enum embedded)sheet->embedded;
}

void embedding_job_free(struct embedding_job *job)
{
    int saved = errno;
    if (job && job->sheet)
        (void)!munmap(job->sheet, sizeof(*job->sheet));
    memory_free(job);
    errno = saved;
}
