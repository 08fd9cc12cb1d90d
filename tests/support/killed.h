/* A piece of a program, killed before one of its system calls. */
#ifndef SUPPORT_KILLED_H
#define SUPPORT_KILLED_H

/*
 * killed_at(run, ctx, at):
 * fault_run with FAULT_KILL: it is killed as it enters system call number
 * ${at}, before the call does anything. 1 when it was killed, 0 when it was done before that
 * (and had answered 0), -1 when tracing is not allowed here.
 */
int killed_at(int (*run)(void *ctx), void *ctx, int at);

#endif
