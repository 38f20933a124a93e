#include "training/sandbox/sandbox.hpp"

#include "training/sandbox/file_rules.hpp"

#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <memory>

namespace training {
namespace {

using ledger::Result;

/// What computing, reading, writing and threads take. All others fail with EPERM: new ones of later
/// kernels, too.
constexpr int allowed[] = {
    // memory
    SCMP_SYS(mmap), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(mprotect), SCMP_SYS(madvise),
    SCMP_SYS(brk), SCMP_SYS(mbind), SCMP_SYS(set_mempolicy), SCMP_SYS(get_mempolicy),
    SCMP_SYS(membarrier), SCMP_SYS(mincore), SCMP_SYS(msync),
    // files
    SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(pread64), SCMP_SYS(write), SCMP_SYS(writev),
    SCMP_SYS(pwrite64), SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(close), SCMP_SYS(lseek),
    SCMP_SYS(fstat), SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(newfstatat), SCMP_SYS(statx),
    SCMP_SYS(statfs), SCMP_SYS(fstatfs), SCMP_SYS(access), SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2), SCMP_SYS(getdents64), SCMP_SYS(readlink), SCMP_SYS(readlinkat),
    SCMP_SYS(getcwd), SCMP_SYS(fsync), SCMP_SYS(fdatasync), SCMP_SYS(fallocate),
    SCMP_SYS(fadvise64), SCMP_SYS(ftruncate), SCMP_SYS(rename), SCMP_SYS(renameat),
    SCMP_SYS(renameat2), SCMP_SYS(unlink), SCMP_SYS(unlinkat), SCMP_SYS(mkdir), SCMP_SYS(mkdirat),
    SCMP_SYS(fchmod), SCMP_SYS(umask), SCMP_SYS(pipe), SCMP_SYS(pipe2), SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    // threads and time
    SCMP_SYS(futex), SCMP_SYS(set_robust_list), SCMP_SYS(rseq), SCMP_SYS(sched_yield),
    SCMP_SYS(sched_getaffinity), SCMP_SYS(sched_setaffinity), SCMP_SYS(sched_getparam),
    SCMP_SYS(sched_getscheduler), SCMP_SYS(sched_get_priority_max),
    SCMP_SYS(sched_get_priority_min), SCMP_SYS(getcpu), SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_getres), SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep), SCMP_SYS(gettimeofday),
    SCMP_SYS(time), SCMP_SYS(times), SCMP_SYS(restart_syscall),
    // itself
    SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(getppid),
    SCMP_SYS(getuid), SCMP_SYS(geteuid), SCMP_SYS(getgid), SCMP_SYS(getegid), SCMP_SYS(getrusage),
    SCMP_SYS(getrlimit), SCMP_SYS(sysinfo), SCMP_SYS(uname), SCMP_SYS(getrandom),
    SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack),
    SCMP_SYS(set_tid_address), SCMP_SYS(arch_prctl)};

ledger::Error refused_by(const char* what)
{
    return {ledger::ErrorKind::denied,
            std::string{"the sandbox cannot be entered: "} + what + ": " + std::strerror(errno)};
}

bool add_rules(scmp_filter_ctx filter)
{
    bool good = true;
    for (const auto call : allowed)
        good = good && seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0) == 0;
    // Threads, not processes. clone3 keeps its flags in memory, where a filter cannot look: as if
    // the kernel had none, threads are made by clone.
    constexpr scmp_datum_t of_thread = CLONE_VM | CLONE_THREAD | CLONE_SIGHAND;
    const auto thread = SCMP_A0(SCMP_CMP_MASKED_EQ, of_thread, of_thread);
    good = good && seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1, thread) == 0;
    good = good && seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0;
    // A signal to itself is how a program aborts.
    const auto self = SCMP_A0(SCMP_CMP_EQ, static_cast<scmp_datum_t>(getpid()));
    good = good && seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, self) == 0;
    // Limits may be read, not set; threads may be named.
    const auto reads = SCMP_A2(SCMP_CMP_EQ, 0);
    good = good && seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1, reads) == 0;
    const auto names = SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME);
    good = good && seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1, names) == 0;
    // Of terminals their size, never what they would be typed (TIOCSTI); of descriptors what has no
    // other process in it (F_SETOWN, O_ASYNC).
    for (const unsigned long request : {TCGETS, TIOCGWINSZ, FIONREAD, FIOCLEX}) {
        const auto asks = SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffff, request);
        good = good && seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1, asks) == 0;
    }
    for (const int command : {F_GETFD, F_SETFD, F_GETFL, F_DUPFD_CLOEXEC}) {
        const auto asks = SCMP_A1(SCMP_CMP_EQ, static_cast<scmp_datum_t>(command));
        good = good && seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1, asks) == 0;
    }
    return good;
}

Result<void> restrict_calls()
{
    const std::unique_ptr<void, void (*)(scmp_filter_ctx)> filter{
        seccomp_init(SCMP_ACT_ERRNO(EPERM)), seccomp_release};
    if (!filter || !add_rules(filter.get())) return refused_by("its rules");
    // Threads that a library has begun already are held by it, too.
    if (seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_TSYNC, 1) != 0)
        return refused_by("its threads");
    if (seccomp_load(filter.get()) != 0) return refused_by("seccomp");
    return {};
}

/// Rules for files hold the thread that makes them and those that it makes.
bool is_alone()
{
    std::error_code problem;
    const std::filesystem::directory_iterator threads{"/proc/self/task", problem};
    return !problem && std::distance(begin(threads), end(threads)) == 1;
}

Result<void> limit(__rlimit_resource resource, std::uint64_t value, const char* name)
{
    if (value == 0) return {};
    const rlimit both{value, value};
    if (setrlimit(resource, &both) != 0) return refused_by(name);
    return {};
}

}  // namespace

Result<Sandbox> enter_sandbox(const SandboxOptions& options)
{
    if (!is_alone())
        return ledger::Error{ledger::ErrorKind::denied,
                             "the sandbox cannot be entered: there are threads already"};
    const rlimit none{0, 0};
    if (setrlimit(RLIMIT_CORE, &none) != 0) return refused_by("no cores");
    if (auto done = limit(RLIMIT_AS, options.address_space_bytes, "memory"); !done)
        return done.error();
    if (auto done = limit(RLIMIT_FSIZE, options.file_bytes, "files"); !done) return done.error();
    if (auto done = limit(RLIMIT_CPU, options.cpu_seconds, "time"); !done) return done.error();
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return refused_by("no new privileges");
    const auto files = restrict_files(options);
    if (!files) return files.error();
    if (auto done = restrict_calls(); !done) return done.error();
    return Sandbox{true, *files};
}

}  // namespace training
