"""Which system calls there are in the jail.

The worker puts the long filter on itself, once: it names what Python and its libraries need, refuses what an attack
would need (EPERM), and lets everything else not exist (ENOSYS). So calls that a later kernel brings are closed from the
start, and libraries that try them fall back. Each child adds a short one, which takes from it the few calls with which
the worker does its own work: to fork, to kill, to talk to the host. Then it can start nothing but threads.
"""

import struct

from mailock.jail.linux.filter import ALLOW, NO_SUCH_CALL, NOT_PERMITTED, READ_ONLY, Bits, Calls, OneOf, assemble
from mailock.jail.linux.numbers import MACHINE

_NEEDED = """
    read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 lseek close dup dup2 dup3 fstat stat
    lstat newfstatat statx access faccessat faccessat2 readlink readlinkat getcwd chdir fchdir getdents getdents64
    statfs fstatfs sendfile copy_file_range fadvise64 ftruncate fallocate fsync fdatasync munmap mprotect mremap
    madvise brk msync mincore membarrier pkey_alloc pkey_free pkey_mprotect poll ppoll select pselect6
    epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2 eventfd eventfd2 pipe pipe2
    timerfd_create timerfd_settime timerfd_gettime futex futex_waitv set_robust_list get_robust_list
    set_tid_address rseq arch_prctl gettid getpid getppid getpgrp getpgid getsid getuid geteuid getgid getegid
    getresuid getresgid getgroups capget uname sysinfo getrusage times getcpu getpriority umask sched_yield
    sched_getaffinity sched_getparam sched_getscheduler sched_get_priority_max sched_get_priority_min
    get_mempolicy rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigtimedwait rt_sigsuspend sigaltstack
    pause restart_syscall alarm setitimer getitimer timer_create timer_settime timer_gettime timer_getoverrun
    timer_delete nanosleep clock_nanosleep clock_gettime clock_getres gettimeofday time getrandom getrlimit wait4
    waitid exit exit_group
    mmap tgkill prlimit64 setrlimit close_range
"""
_OF_THE_WORKER = """
    fork vfork kill recvmsg sendmsg pidfd_open setsid
"""
_OF_A_SERVER = """
    listen accept accept4 getsockname getpeername setsockopt getsockopt recvfrom recvmsg sendto sendmsg shutdown
"""
_WOULD_WRITE = """
    creat unlink unlinkat rename renameat renameat2 link linkat symlink symlinkat mkdir mkdirat rmdir mknod
    mknodat truncate chmod fchmod fchmodat chown fchown lchown fchownat utime utimes utimensat futimesat setxattr
    lsetxattr fsetxattr removexattr lremovexattr fremovexattr
"""
_REFUSED = """
    socket socketpair connect bind listen accept accept4 sendto recvfrom sendmmsg recvmmsg shutdown getsockname
    getpeername setsockopt getsockopt execve execveat tkill rt_sigqueueinfo rt_tgsigqueueinfo pidfd_send_signal
    pidfd_getfd ptrace process_vm_readv process_vm_writev process_madvise kcmp mount umount2 pivot_root chroot
    unshare setns move_mount open_tree fsopen fsmount fsconfig fspick mount_setattr setuid setgid setreuid
    setregid setresuid setresgid setfsuid setfsgid setgroups capset personality setpgid keyctl add_key request_key
    bpf perf_event_open userfaultfd io_uring_setup io_uring_enter io_uring_register seccomp flock memfd_create
    memfd_secret shmget shmat shmctl shmdt semget semop semctl semtimedop msgget msgsnd msgrcv msgctl mq_open
    mq_unlink splice vmsplice tee inotify_init inotify_init1 inotify_add_watch fanotify_init fanotify_mark
    name_to_handle_at open_by_handle_at setpriority sched_setaffinity sched_setscheduler sched_setparam
    sched_setattr ioprio_set mbind set_mempolicy migrate_pages move_pages reboot kexec_load init_module
    finit_module delete_module swapon swapoff sethostname setdomainname settimeofday clock_settime clock_adjtime
    adjtimex syslog acct quotactl iopl ioperm modify_ldt lookup_dcookie vhangup
"""

_CLONE_THREAD = 0x10000
_CLONE_PTRACE = 0x2000
_NEW_NAMESPACES = 0x7E020000
_O_WRITING = 0o1 | 0o2 | 0o100 | 0o1000 | 0o20000000
"""O_WRONLY, O_RDWR, O_CREAT, O_TRUNC and the bit of its own of O_TMPFILE."""
_FCNTL = (0, 1, 2, 3, 4, 1030, 1031, 1032, 1033, 1034)
"""Duplicates, flags, the size of pipes, seals. Not owners and signals of descriptors: with F_SETOWN and F_SETSIG a
process can have the kernel send signals for it."""
_IOCTL = (0x5401, 0x541B, 0x5421, 0x5450, 0x5451)
"""TCGETS, with which Python asks whether a file is a terminal; FIONREAD, FIONBIO, FIONCLEX, FIOCLEX."""
_PRCTL = (3, 15, 16, 21, 23, 39, 0x53564D41)
"""Questions, and the names of threads and of memory."""
_PR_SET_SECCOMP, _PR_SET_PDEATHSIG = 22, 1
_SELF = 0x5E1F5E1F
"""Stands for the child's own number, which is known only after the fork."""


def of_the_worker(machine: str = MACHINE) -> bytes:
    """The long filter."""
    answers = dict.fromkeys((_NEEDED + _OF_THE_WORKER).split(), ALLOW)
    answers |= dict.fromkeys(_WOULD_WRITE.split(), READ_ONLY) | dict.fromkeys(_REFUSED.split(), NOT_PERMITTED)
    return assemble(
        Calls(
            conditions={
                "open": Bits(argument=1, lacks=_O_WRITING, otherwise=READ_ONLY),
                "openat": Bits(argument=2, lacks=_O_WRITING, otherwise=READ_ONLY),
                "clone": Bits(argument=0, lacks=_NEW_NAMESPACES | _CLONE_PTRACE),
                "fcntl": OneOf(argument=1, values=_FCNTL),
                "ioctl": OneOf(argument=1, values=_IOCTL),
                "prctl": OneOf(argument=0, values=(*_PRCTL, _PR_SET_SECCOMP, _PR_SET_PDEATHSIG)),
            },
            answers=answers,
            otherwise=NO_SUCH_CALL,
        ),
        machine,
    )


def of_a_child(machine: str = MACHINE) -> bytes:
    """The short filter, to be completed by `for_process`."""
    return assemble(
        Calls(
            conditions={
                "clone": Bits(argument=0, needs=_CLONE_THREAD),
                "prctl": OneOf(argument=0, values=_PRCTL),
                "prlimit64": OneOf(argument=0, values=(0, _SELF)),
                "tgkill": OneOf(argument=0, values=(_SELF,)),
            },
            answers=dict.fromkeys(_OF_THE_WORKER.split(), NOT_PERMITTED),
            otherwise=ALLOW,
        ),
        machine,
    )


def of_a_server(machine: str = MACHINE) -> bytes:
    """The filter of a process that faces the Internet: it talks over the sockets that it has, and makes none."""
    refused = dict.fromkeys(_REFUSED.split(), NOT_PERMITTED) | dict.fromkeys(_OF_A_SERVER.split(), ALLOW)
    answers = dict.fromkeys(_NEEDED.split(), ALLOW) | dict.fromkeys(_WOULD_WRITE.split(), READ_ONLY)
    return assemble(
        Calls(
            conditions={
                "open": Bits(argument=1, lacks=_O_WRITING, otherwise=READ_ONLY),
                "openat": Bits(argument=2, lacks=_O_WRITING, otherwise=READ_ONLY),
                "clone": Bits(argument=0, needs=_CLONE_THREAD),
                "fcntl": OneOf(argument=1, values=_FCNTL),
                "ioctl": OneOf(argument=1, values=_IOCTL),
                "prctl": OneOf(argument=0, values=(*_PRCTL, _PR_SET_PDEATHSIG)),
            },
            answers=answers | refused,
            otherwise=NO_SUCH_CALL,
        ),
        machine,
    )


def for_process(program: bytes, number: int) -> bytes:
    """The short filter for the process of this number."""
    return program.replace(struct.pack("=I", _SELF), struct.pack("=I", number))
