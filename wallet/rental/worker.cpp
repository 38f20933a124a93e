#include "wallet/rental/worker.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

namespace wallet::rental {
namespace {

namespace fs = std::filesystem;
using ledger::Error;
using ledger::ErrorKind;
using ledger::Result;

constexpr int cannot_begin = 127;

/// A descriptor that is closed with it.
class Descriptor {
public:
    explicit Descriptor(int number = -1) : number_{number} {}
    ~Descriptor() { close(); }
    Descriptor(Descriptor&& other) noexcept : number_{std::exchange(other.number_, -1)} {}
    Descriptor& operator=(Descriptor&& other) noexcept
    {
        std::swap(number_, other.number_);
        return *this;
    }
    int get() const { return number_; }
    void close()
    {
        if (number_ >= 0) ::close(std::exchange(number_, -1));
    }

private:
    int number_;
};

Error system_error(const std::string& what)
{
    return {ErrorKind::io, what + ": " + std::strerror(errno)};
}

Result<Descriptor> new_file(const fs::path& path)
{
    Descriptor file{::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)};
    if (file.get() < 0) return system_error("cannot write " + path.string());
    return file;
}

/// In the child: only what a signal handler might do.
[[noreturn]] void become(const char* const* words, int input, int output, int errors, pid_t parent,
                         std::uint64_t most_file_bytes)
{
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(cannot_begin);  // it has died already
    for (const int signal : {SIGPIPE, SIGINT, SIGTERM}) ::signal(signal, SIG_DFL);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::setpgid(0, 0);  // Ctrl-C is for this program, which tells the other one itself
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    const rlimit file{most_file_bytes, most_file_bytes};
    ::setrlimit(RLIMIT_FSIZE, &file);
    if (::dup2(input, 0) < 0 || ::dup2(output, 1) < 0 || ::dup2(errors, 2) < 0)
        ::_exit(cannot_begin);
    ::close_range(3, ~0U, 0);
    ::execv(words[0], const_cast<char* const*>(words));
    ::_exit(cannot_begin);
}

Result<void> write_all(int to, ledger::ByteView bytes)
{
    while (!bytes.empty()) {
        const auto count = ::write(to, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return system_error("the program reads no more");
        bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
    return {};
}

}  // namespace

Result<std::unique_ptr<Worker>> Worker::start(Options options)
{
    std::error_code ignored;
    if (!fs::exists(options.program, ignored))
        return Error{ErrorKind::not_found, options.program.string() + " is not there"};
    // Who writes to a program that has ended gets an error, not the signal.
    std::signal(SIGPIPE, SIG_IGN);
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return system_error("no pipe");
    Descriptor from{ends[0]}, to{ends[1]};
    auto output = new_file(options.output);
    if (!output) return output.error();
    auto errors = new_file(options.errors);
    if (!errors) return errors.error();

    const auto program = options.program.string();
    std::vector<const char*> words{program.c_str()};
    for (const auto& word : options.arguments) words.push_back(word.c_str());
    words.push_back(nullptr);
    const auto parent = ::getpid();
    const auto pid = ::fork();
    if (pid < 0) return system_error("cannot start " + program);
    if (pid == 0)
        become(words.data(), from.get(), output->get(), errors->get(), parent,
               options.most_file_bytes);

    std::thread feeder;
    if (options.input)
        feeder = std::thread{[input = std::move(options.input), to = std::move(to)]() mutable {
            // What goes wrong the program sees as the end of its input, and says so.
            (void)input([&](ledger::ByteView bytes) { return write_all(to.get(), bytes); });
            to.close();
        }};
    return std::unique_ptr<Worker>{new Worker{pid, std::move(feeder)}};
}

Worker::~Worker()
{
    if (!status_) {
        ::kill(pid_, SIGKILL);
        wait();
    }
    if (feeder_.joinable()) feeder_.join();
}

void Worker::pause()
{
    if (status_ || paused_) return;
    ::kill(pid_, SIGSTOP);
    paused_ = true;
}

void Worker::resume()
{
    if (status_ || !paused_) return;
    ::kill(pid_, SIGCONT);
    paused_ = false;
}

int Worker::settle(int status)
{
    status_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    return *status_;
}

std::optional<int> Worker::ended()
{
    if (status_) return status_;
    cpu_ms();
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == pid_) settle(status);
    return status_;
}

int Worker::wait()
{
    int status = 0;
    while (!status_) {
        const auto got = ::waitpid(pid_, &status, 0);
        if (got == pid_) return settle(status);
        if (got < 0 && errno != EINTR) return settle(cannot_begin << 8);
    }
    return *status_;
}

int Worker::stop(std::chrono::milliseconds patience)
{
    if (status_) return *status_;
    ::kill(pid_, SIGINT);
    resume();
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!ended() && std::chrono::steady_clock::now() < end)
        std::this_thread::sleep_for(std::chrono::milliseconds{20});
    if (!status_) ::kill(pid_, SIGKILL);
    return wait();
}

std::uint64_t Worker::cpu_ms()
{
    if (status_) return last_cpu_ms_;
    std::ifstream file{"/proc/" + std::to_string(pid_) + "/stat"};
    std::string text{std::istreambuf_iterator<char>{file}, {}};
    // The second field, the name, may hold anything; user and system time are 14th and 15th.
    const auto end = text.rfind(')');
    if (end == std::string::npos) return last_cpu_ms_;
    std::istringstream fields{text.substr(end + 1)};
    std::string skipped;
    for (int i = 3; i < 14; ++i) fields >> skipped;
    std::uint64_t user = 0, system = 0;
    if (!(fields >> user >> system)) return last_cpu_ms_;
    const auto hertz = static_cast<std::uint64_t>(std::max(1L, ::sysconf(_SC_CLK_TCK)));
    last_cpu_ms_ = std::max(last_cpu_ms_, (user + system) * 1'000 / hertz);
    return last_cpu_ms_;
}

fs::path program_beside(const std::string& name)
{
    std::error_code ignored;
    const auto self = fs::read_symlink("/proc/self/exe", ignored);
    if (const auto path = self.parent_path() / name; fs::exists(path, ignored)) return path;
    const char* all = std::getenv("PATH");
    std::istringstream folders{all == nullptr ? "" : all};
    for (std::string folder; std::getline(folders, folder, ':');)
        if (const auto path = fs::path{folder} / name; !folder.empty() && fs::exists(path, ignored))
            return path;
    return {};
}

std::string tail_of(const fs::path& file, std::size_t most)
{
    std::ifstream in{file, std::ios::binary | std::ios::ate};
    if (!in) return {};
    const auto size = static_cast<std::size_t>(in.tellg());
    const auto begin = size > most ? size - most : 0;
    in.seekg(static_cast<std::streamoff>(begin));
    std::string text(size - begin, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
    return text;
}

}  // namespace wallet::rental
