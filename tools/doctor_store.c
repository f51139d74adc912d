/* SPDX-License-Identifier: MIT */
/* Doctor: the store and the secret. */
#include "doctor.h"

#include "print.h"
#include "store/check.h"

#include <errno.h>
#include <sysexits.h>
#include <unistd.h>

static void tell(void *context, const char *text)
{
    bool refused = strstr(text, store_result_text(STORE_REFUSED)) != NULL;
    doctor_problem(context, refused ? EX_NOPERM : EX_DATAERR, "store", "%s", text);
}

static void show_findings(struct doctor *doctor, const struct store_check *check)
{
    char entries[32], spooled[32], records[32], size[32];
    doctor_good("store", "%s entries open, %s of all wait in the spool; %llu tenants",
                print_count(check->entries, entries),
                print_count(check->spooled, spooled), (unsigned long long)check->tenants);
    doctor_good("journal", "%s records, %s", print_count(check->journal.records, records),
                print_size(check->journal.bytes, size));
    if (check->damaged)
        doctor_problem(
            doctor, EX_DATAERR, "store",
            "%s entries are damaged: they are never served; 'preecho merge' and "
            "'preecho purge' remove them",
            print_count(check->damaged, entries));
    if (check->unknown_tenant)
        doctor_note("store", "%s entries belong to tenants whose salt is not there",
                    print_count(check->unknown_tenant, entries));
    if (check->foreign)
        doctor_note("store", "%s entries are of another version of preecho",
                    print_count(check->foreign, entries));
}

void doctor_store(struct doctor *doctor, const struct config *config)
{
    if (!config->store[0] || !config->directory[0])
        return; /* the settings' problem */
    struct store_paths paths = {config->store, config->directory};
    struct store_check check = {0};
    int before = doctor->status;
    if (access(config->store, F_OK) != 0 && errno == ENOENT) {
        doctor_note("store", "%s is not there yet: nothing has been recorded",
                    config->store);
        return;
    }
    doctor_note("store", "%s", config->store);
    doctor_note("secret", "%s/secret", config->directory);
    if (store_check(&paths, tell, doctor, &check) != STORE_OK)
        doctor_problem(doctor, EX_OSERR, "store", "memory is short");
    else if (doctor->status == before || check.entries)
        show_findings(doctor, &check);
}
