/* SPDX-License-Identifier: MIT */
/* Master secret and salts, see secret.h. */
#include "secret.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <unistd.h>

/* Exactly SECRET_SIZE bytes of a file that nobody else can read. */
static int read_secret(const char *directory, const char *name, uint8_t out[SECRET_SIZE],
                       struct file_stamp *stamp)
{
    struct path path;
    if (!path_join(&path, directory, name))
        return STORE_UNAVAILABLE;
    struct buffer content = {0};
    int result = file_read(path.text, true, SECRET_SIZE, &content, stamp);
    if (result == STORE_OK && content.size != SECRET_SIZE)
        result = STORE_CORRUPT;
    if (result == STORE_OK) {
        memcpy(out, content.at, SECRET_SIZE);
        sodium_memzero(content.at, content.size);
    }
    buffer_free(&content);
    return result;
}

int secret_load(const char *config, bool create, uint8_t secret[SECRET_SIZE],
                struct file_stamp *stamp)
{
    int result = directory_check(config, create);
    if (result == STORE_OK)
        result = read_secret(config, "secret", secret, stamp);
    if (result != STORE_MISS || !create)
        return result;
    uint8_t fresh[SECRET_SIZE];
    randombytes_buf(fresh, sizeof(fresh));
    /* On disk before it has a name: an empty secret after a power cut would lock the user
     * out until somebody removes it. Once in the life of a store. */
    result = file_publish(config, "secret", span_of(fresh, sizeof(fresh)), true);
    sodium_memzero(fresh, sizeof(fresh));
    if (result != STORE_OK)
        return result;
    return read_secret(config, "secret", secret, stamp); /* whoever was first */
}

int salt_load(const char *config, const uint8_t id[TENANT_ID_SIZE], bool create,
              uint8_t salt[SECRET_SIZE], struct file_stamp *stamp)
{
    struct path salts;
    char name[2 * TENANT_ID_SIZE + 1];
    hex_encode(id, TENANT_ID_SIZE, name);
    if (!path_join(&salts, config, "salts"))
        return STORE_UNAVAILABLE;
    int result = directory_check(salts.text, create);
    if (result != STORE_OK)
        return result;
    result = read_secret(salts.text, name, salt, stamp);
    bool torn = result == STORE_CORRUPT;
    if (torn)
        result = STORE_MISS;
    if (result != STORE_MISS || !create)
        return result;
    uint8_t fresh[SECRET_SIZE];
    randombytes_buf(fresh, sizeof(fresh));
    struct span content = span_of(fresh, sizeof(fresh));
    result = torn ? file_replace(salts.text, name, content)
                  : file_publish(salts.text, name, content, false);
    if (result != STORE_OK)
        return result;
    return read_secret(salts.text, name, salt, stamp);
}

static bool salt_path(const char *config, const uint8_t id[TENANT_ID_SIZE],
                      struct path *out)
{
    char name[6 + 2 * TENANT_ID_SIZE + 1] = "salts/";
    hex_encode(id, TENANT_ID_SIZE, name + 6);
    return path_join(out, config, name);
}

int salt_destroy(const char *config, const uint8_t id[TENANT_ID_SIZE])
{
    struct path path, salts;
    if (!salt_path(config, id, &path) || !path_join(&salts, config, "salts"))
        return STORE_UNAVAILABLE;
    if (unlink(path.text) != 0)
        return file_result(errno);
    int descriptor = open(salts.text, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return STORE_UNAVAILABLE;
    int result = fsync(descriptor) == 0 ? STORE_OK : STORE_UNAVAILABLE;
    close(descriptor);
    return result;
}

int secret_stamp(const char *config, struct file_stamp *out)
{
    struct path path;
    if (!path_join(&path, config, "secret"))
        return STORE_UNAVAILABLE;
    return file_stamp_of(path.text, out);
}

int salt_stamp(const char *config, const uint8_t id[TENANT_ID_SIZE],
               struct file_stamp *out)
{
    struct path path;
    if (!salt_path(config, id, &path))
        return STORE_UNAVAILABLE;
    return file_stamp_of(path.text, out);
}
