# SPDX-License-Identifier: MIT
# PostgreSQL as the workloads want it: any user of this machine may connect, as many at once as an option can ask for, and
# nothing needs to survive a crash. compose.yaml starts it.
FROM postgres:15-bookworm

ENV POSTGRES_USER=interleave \
    POSTGRES_HOST_AUTH_METHOD=trust

CMD ["postgres", "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off", "-c", "max_connections=1010"]
