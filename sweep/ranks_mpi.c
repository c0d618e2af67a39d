/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/ranks.h"

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpi.h>

#include "base/fingerprint.h"
#include "base/xalloc.h"

/* A piece goes out as these three numbers; it comes back with its rows. */
enum { HEAD_NUMBER, HEAD_FIRST, HEAD_END, HEAD };
enum { TAG_GIVE = 1, TAG_DONE, TAG_STOP };

/* Pieces that a rank has for each of its threads: what it does, and more. */
enum { PIECES_EACH = 4 };

/*
 * Messages on their way.  Nobody waits for one: MPI waits by asking over and
 * over, which takes a core from those who compute.
 */
struct mail {
	MPI_Request *requests;
	char **messages;
	int *lengths, *from;
	size_t n;
};

struct sweep_ranks {
	int number, count;
	size_t *room, *has;		/* pieces, of each rank */
	struct mail mail;
};

/* Room for one more; its message is the caller's to fill and to post. */
static MPI_Request *mail_add(struct mail *m, char *message, int length,
			     int from)
{
	size_t n = m->n + 1;

	m->requests = xrealloc_array(m->requests, n, sizeof *m->requests);
	m->messages = xrealloc_array(m->messages, n, sizeof *m->messages);
	m->lengths = xrealloc_array(m->lengths, n, sizeof *m->lengths);
	m->from = xrealloc_array(m->from, n, sizeof *m->from);
	m->messages[m->n] = message;
	m->lengths[m->n] = length;
	m->from[m->n] = from;
	return &m->requests[m->n++];
}

/* Take out the message of one that is there; NULL if none is. */
static char *mail_take(struct mail *m, int *length, int *from)
{
	for (size_t i = 0; i < m->n; i++) {
		char *message = m->messages[i];
		int done;

		MPI_Test(&m->requests[i], &done, MPI_STATUS_IGNORE);
		if (!done)
			continue;
		*length = m->lengths[i];
		*from = m->from[i];
		m->n--;
		m->requests[i] = m->requests[m->n];
		m->messages[i] = m->messages[m->n];
		m->lengths[i] = m->lengths[m->n];
		m->from[i] = m->from[m->n];
		return message;
	}
	return NULL;
}

static void mail_clear(struct mail *m)
{
	free(m->requests);
	free(m->messages);
	free(m->lengths);
	free(m->from);
}

enum status sweep_ranks_join(struct sweep_ranks **out, struct diag *d)
{
	struct sweep_ranks *r = xcalloc(1, sizeof *r);
	int provided;

	if (MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided) !=
		    MPI_SUCCESS ||
	    provided < MPI_THREAD_FUNNELED) {
		free(r);
		return diag_fail(d, STATUS_IO, "MPI does not start");
	}
	MPI_Comm_rank(MPI_COMM_WORLD, &r->number);
	MPI_Comm_size(MPI_COMM_WORLD, &r->count);
	r->room = xcalloc((size_t)r->count, sizeof *r->room);
	r->has = xcalloc((size_t)r->count, sizeof *r->has);
	*out = r;
	return STATUS_OK;
}

void sweep_ranks_leave(struct sweep_ranks *r)
{
	if (r == NULL)
		return;
	MPI_Finalize();
	mail_clear(&r->mail);
	free(r->room);
	free(r->has);
	free(r);
}

size_t sweep_ranks_number(const struct sweep_ranks *r)
{
	return (size_t)r->number;
}

size_t sweep_ranks_count(const struct sweep_ranks *r)
{
	return (size_t)r->count;
}

/* What the ranks tell one another. */
struct greeting {
	uint64_t jobs;
	char fingerprint[FINGERPRINT_SIZE];
	char ready;
};

enum status sweep_ranks_agree(struct sweep_ranks *r, enum status ready,
			      const char *fingerprint, size_t jobs,
			      struct diag *d)
{
	struct greeting mine = { .jobs = jobs, .ready = ready == STATUS_OK };
	struct greeting *all = xcalloc((size_t)r->count, sizeof *all);
	int size = (int)sizeof mine, differs = 0;

	memcpy(mine.fingerprint, fingerprint, sizeof mine.fingerprint);
	MPI_Allgather(&mine, size, MPI_BYTE, all, size, MPI_BYTE,
		      MPI_COMM_WORLD);
	for (int i = 0; i < r->count; i++) {
		r->room[i] = i == 0 ? 0 : PIECES_EACH * (size_t)all[i].jobs;
		if (differs == 0 &&
		    (!all[i].ready ||
		     strcmp(all[i].fingerprint, all[0].fingerprint) != 0))
			differs = i;
	}
	free(all);
	if (ready != STATUS_OK || differs == 0)
		return ready;
	return diag_fail(d, STATUS_IO, "rank %d has other inputs than rank 0, "
			 "or none: every machine needs the same files",
			 differs);
}

static void receive_piece(struct sweep_pool *pool)
{
	uint64_t head[HEAD];

	MPI_Recv(head, HEAD, MPI_UINT64_T, 0, TAG_GIVE, MPI_COMM_WORLD,
		 MPI_STATUS_IGNORE);
	sweep_pool_give(pool, (struct sweep_piece){
		.number = head[HEAD_NUMBER], .first = head[HEAD_FIRST],
		.end = head[HEAD_END] });
}

/* In one message: the numbers, then the rows. */
static void send_piece(struct mail *mail, struct sweep_piece *p)
{
	uint64_t head[HEAD] = { p->number, p->first, p->end };
	size_t length = sizeof head + p->rows.length;
	char *message = xcalloc(length, 1);

	memcpy(message, head, sizeof head);
	memcpy(message + sizeof head, p->rows.text, p->rows.length);
	free(p->rows.text);
	MPI_Isend(message, (int)length, MPI_BYTE, 0, TAG_DONE,
		  MPI_COMM_WORLD, mail_add(mail, message, (int)length, 0));
}

static void free_sent(struct mail *mail)
{
	int length, from;
	char *message;

	while ((message = mail_take(mail, &length, &from)) != NULL)
		free(message);
}

enum status sweep_ranks_serve(struct sweep_ranks *r, const struct sweep *s,
			      size_t jobs, struct diag *d)
{
	struct sweep_pool *pool = sweep_pool_new(s, jobs);
	struct sweep_piece p;

	if (pool == NULL)
		return diag_fail(d, STATUS_IO, "no thread can be started");
	/* rank 0 gets them too, and stops the others when it has written */
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	for (;;) {
		MPI_Status status;
		int found;

		MPI_Iprobe(0, MPI_ANY_TAG, MPI_COMM_WORLD, &found, &status);
		if (found && status.MPI_TAG == TAG_STOP)
			break;
		if (found)
			receive_piece(pool);
		/* what does not come at once is asked for again soon */
		if (sweep_pool_take(pool, found ? 0.0 : 0.0005, &p))
			send_piece(&r->mail, &p);
		free_sent(&r->mail);
	}
	while (r->mail.n > 0)
		free_sent(&r->mail);
	MPI_Recv(NULL, 0, MPI_BYTE, 0, TAG_STOP, MPI_COMM_WORLD,
		 MPI_STATUS_IGNORE);
	sweep_pool_free(pool);
	return STATUS_OK;
}

bool sweep_ranks_give(struct sweep_ranks *r, const struct sweep_piece *piece)
{
	const uint64_t head[HEAD] = { piece->number, piece->first,
				      piece->end };

	for (int i = 1; i < r->count; i++) {
		if (r->has[i] >= r->room[i])
			continue;
		MPI_Send(head, HEAD, MPI_UINT64_T, i, TAG_GIVE,
			 MPI_COMM_WORLD);
		r->has[i]++;
		return true;
	}
	return false;
}

/* Begin to receive whatever is on its way. */
static void receive_mail(struct sweep_ranks *r)
{
	for (;;) {
		MPI_Message which;
		MPI_Status status;
		int found, length;
		char *message;

		MPI_Improbe(MPI_ANY_SOURCE, TAG_DONE, MPI_COMM_WORLD, &found,
			    &which, &status);
		if (!found)
			return;
		MPI_Get_count(&status, MPI_BYTE, &length);
		message = xcalloc((size_t)length, 1);
		MPI_Imrecv(message, length, MPI_BYTE, &which,
			   mail_add(&r->mail, message, length,
				    status.MPI_SOURCE));
	}
}

bool sweep_ranks_take(struct sweep_ranks *r, struct sweep_piece *out)
{
	struct sweep_piece p = { .number = 0 };
	uint64_t head[HEAD];
	int length, from;
	char *message;

	receive_mail(r);
	message = mail_take(&r->mail, &length, &from);
	if (message == NULL)
		return false;
	r->has[from]--;
	memcpy(head, message, sizeof head);
	p.number = head[HEAD_NUMBER];
	p.first = head[HEAD_FIRST];
	p.end = head[HEAD_END];
	p.rows.length = p.rows.room = (size_t)length - sizeof head;
	memmove(message, message + sizeof head, p.rows.length);
	p.rows.text = message;
	*out = p;
	return true;
}

/* A rank may be sending, so what is on its way is taken first. */
void sweep_ranks_stop(struct sweep_ranks *r)
{
	bool busy = true;

	while (busy) {
		struct sweep_piece p;

		if (sweep_ranks_take(r, &p))
			free(p.rows.text);
		busy = false;
		for (int i = 1; i < r->count; i++)
			busy |= r->has[i] > 0;
	}
	for (int i = 1; i < r->count; i++)
		MPI_Send(NULL, 0, MPI_BYTE, i, TAG_STOP, MPI_COMM_WORLD);
}
