#include "training/sandbox/sandbox.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>

namespace training {
namespace {

namespace fs = std::filesystem;

class SandboxTest : public testing::Test {
protected:
    SandboxTest()
    {
        fs::remove_all(top_);
        fs::create_directories(top_ / "in");
        fs::create_directories(top_ / "out");
        std::ofstream{top_ / "in/read"} << "seen";
        std::ofstream{top_ / "secret"} << "hidden";
    }

    // What `work` gives in a process that is in the sandbox; 100 where it cannot be entered, 101
    // where files are not held back.
    int inside(const std::function<int()>& work, SandboxOptions options = {})
    {
        options.readable = {top_ / "in"};
        options.writable = {top_ / "out"};
        const auto child = fork();
        if (child == 0) {
            const auto entered = enter_sandbox(options);
            if (!entered) _exit(100);
            if (!entered->files) _exit(101);
            _exit(work());
        }
        int status = 0;
        EXPECT_EQ(waitpid(child, &status, 0), child);
        if (WIFSIGNALED(status)) return 200 + WTERMSIG(status);
        return WEXITSTATUS(status);
    }

    static int error_of(long result) { return result < 0 ? errno : 0; }

    const fs::path top_ = fs::path{testing::TempDir()} / "sandbox_test";
};

TEST_F(SandboxTest, LetsWorkGoOn)
{
    EXPECT_EQ(inside([&] {
                  std::string text;
                  std::ifstream{top_ / "in/read"} >> text;
                  if (text != "seen") return 1;
                  std::ofstream{top_ / "out/part"} << "made";
                  fs::rename(top_ / "out/part", top_ / "out/whole");
                  int from_thread = 1;
                  std::thread{[&] { from_thread = 0; }}.join();
                  return from_thread;
              }),
              0);
    EXPECT_TRUE(fs::exists(top_ / "out/whole"));
}

TEST_F(SandboxTest, HasNoNetworkAndNoOtherPrograms)
{
    EXPECT_EQ(inside([] { return error_of(socket(AF_INET, SOCK_STREAM, 0)); }), EPERM);
    EXPECT_EQ(inside([] { return error_of(socket(AF_UNIX, SOCK_STREAM, 0)); }), EPERM);
    EXPECT_EQ(inside([] { return error_of(execl("/bin/true", "true", nullptr)); }), EPERM);
    EXPECT_EQ(inside([] {
                  const auto child = fork();
                  if (child == 0) _exit(0);
                  return error_of(child);
              }),
              EPERM);
}

TEST_F(SandboxTest, ReachesNoOtherProcess)
{
    const auto parent = getpid();
    EXPECT_EQ(inside([&] { return error_of(kill(parent, 0)); }), EPERM);
    EXPECT_EQ(inside([&] { return error_of(ptrace(PTRACE_ATTACH, parent, nullptr, nullptr)); }),
              EPERM);
}

TEST_F(SandboxTest, TypesIntoNoTerminalAndSignalsNobody)
{
    EXPECT_EQ(inside([] {
                  char typed = 'x';
                  return error_of(ioctl(0, TIOCSTI, &typed));
              }),
              EPERM);
    EXPECT_EQ(inside([] { return error_of(fcntl(0, F_SETOWN, getppid())); }), EPERM);
    EXPECT_EQ(inside([] { return error_of(fcntl(0, F_SETFL, O_ASYNC)); }), EPERM);
    EXPECT_EQ(inside([&] { return error_of(chmod((top_ / "secret").c_str(), 0666)); }), EPERM);
    EXPECT_EQ(inside([] {
                  const auto child =
                      syscall(SYS_clone, CLONE_VM | CLONE_VFORK | SIGCHLD, nullptr, 0, 0, 0);
                  if (child == 0) _exit(0);
                  return error_of(child);
              }),
              EPERM)
        << "a process that shares memory is a process";
}

TEST_F(SandboxTest, IsEnteredByOneThreadOnly)
{
    const auto child = fork();
    if (child == 0) {
        std::atomic<bool> ends = false;
        std::thread other{[&] {
            while (!ends) std::this_thread::yield();
        }};
        const auto entered = enter_sandbox({});
        ends = true;
        other.join();
        _exit(!entered && entered.error().kind == ledger::ErrorKind::denied ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
}

TEST_F(SandboxTest, ReachesNoOtherFile)
{
    const auto opened = [&](const fs::path& path, int flags) {
        return inside([&] { return error_of(open(path.c_str(), flags, 0600)); });
    };
    EXPECT_EQ(opened(top_ / "secret", O_RDONLY), EACCES);
    EXPECT_EQ(opened("/etc/passwd", O_RDONLY), EACCES);
    EXPECT_EQ(opened(top_ / "in/../secret", O_RDONLY), EACCES);
    EXPECT_EQ(opened(top_ / "new", O_WRONLY | O_CREAT), EACCES);
    EXPECT_EQ(opened(top_ / "in/read", O_WRONLY), EACCES) << "what may be read may not be written";
    EXPECT_EQ(opened(top_ / "in/new", O_WRONLY | O_CREAT), EACCES);
    EXPECT_EQ(opened(top_ / "out/new", O_WRONLY | O_CREAT), 0);
    EXPECT_EQ(inside([&] { return error_of(symlink("/etc", (top_ / "out/link").c_str())); }),
              EPERM);
}

TEST_F(SandboxTest, CannotBeLeft)
{
    EXPECT_EQ(inside([&] {
                  const rlimit more{RLIM_INFINITY, RLIM_INFINITY};
                  return error_of(setrlimit(RLIMIT_CORE, &more));
              }),
              EPERM);
    EXPECT_EQ(inside([] { return error_of(unshare(CLONE_NEWUSER)); }), EPERM);
    EXPECT_EQ(inside([] { return error_of(chroot("/")); }), EPERM);
    EXPECT_EQ(inside([&] {
                  int seen = 0;
                  std::thread{[&] { seen = error_of(socket(AF_INET, SOCK_STREAM, 0)); }}.join();
                  return seen;
              }),
              EPERM)
        << "threads are in it, too";
}

TEST_F(SandboxTest, WritesNoLargerFilesThanAllowed)
{
    SandboxOptions options;
    options.file_bytes = 1000;
    EXPECT_EQ(inside(
                  [&] {
                      std::signal(SIGXFSZ, SIG_IGN);
                      const auto file = open((top_ / "out/big").c_str(), O_WRONLY | O_CREAT, 0600);
                      const std::string bytes(2000, 'x');
                      const auto first = write(file, bytes.data(), bytes.size());
                      return first == 1000 ? error_of(write(file, "x", 1)) : 1;
                  },
                  options),
              EFBIG);
}

TEST_F(SandboxTest, NamesAPathThatIsNotThere)
{
    SandboxOptions options;
    options.readable = {top_ / "nowhere"};
    const auto child = fork();
    if (child == 0) {
        const auto entered = enter_sandbox(options);
        const bool named =
            !entered && entered.error().detail.find("nowhere cannot be let") != std::string::npos;
        _exit(named ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace training
