#include "training/sandbox/file_rules.hpp"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>

// Rights of kernels newer than the headers that this may be built with.
#ifndef LANDLOCK_ACCESS_FS_REFER
#define LANDLOCK_ACCESS_FS_REFER (1ULL << 13)
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif

namespace training {
namespace {

using ledger::Result;

constexpr std::uint64_t reading = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr std::uint64_t first_version =
    LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | reading |
    LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
    LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |
    LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;
constexpr std::uint64_t writing = reading | LANDLOCK_ACCESS_FS_WRITE_FILE |
                                  LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |
                                  LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_TRUNCATE;
constexpr std::uint64_t of_files = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE |
                                   LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_TRUNCATE;

/// What libtorch and its threads read of the machine while they work.
constexpr const char* machine[] = {"/proc/self",          "/proc/cpuinfo", "/proc/meminfo",
                                   "/sys/devices/system", "/dev/null",     "/dev/urandom"};

class Descriptor {
public:
    explicit Descriptor(long number) : number_{static_cast<int>(number)} {}
    ~Descriptor()
    {
        if (number_ >= 0) close(number_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int number() const { return number_; }
    bool is_open() const { return number_ >= 0; }

private:
    int number_;
};

std::uint64_t known_rights(long version)
{
    auto rights = first_version;
    if (version >= 2) rights |= LANDLOCK_ACCESS_FS_REFER;
    if (version >= 3) rights |= LANDLOCK_ACCESS_FS_TRUNCATE;
    return rights;
}

Result<void> allow(const Descriptor& rules, const std::filesystem::path& path, std::uint64_t rights)
{
    const Descriptor file{open(path.c_str(), O_PATH | O_CLOEXEC)};
    struct stat status {};
    if (!file.is_open() || fstat(file.number(), &status) != 0)
        return ledger::invalid(path.string() +
                               " cannot be let into the sandbox: " + std::strerror(errno));
    if (!S_ISDIR(status.st_mode)) rights &= of_files;
    landlock_path_beneath_attr rule{};
    rule.allowed_access = rights;
    rule.parent_fd = file.number();
    if (syscall(SYS_landlock_add_rule, rules.number(), LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
        return ledger::invalid(path.string() +
                               " cannot be let into the sandbox: " + std::strerror(errno));
    return {};
}

}  // namespace

Result<bool> restrict_files(const SandboxOptions& options)
{
    const auto version =
        syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (version < 1) return false;
    const auto known = known_rights(version);
    landlock_ruleset_attr attributes{};
    attributes.handled_access_fs = known;
    const Descriptor rules{syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0)};
    if (!rules.is_open()) return false;
    for (const auto& path : options.readable)
        if (auto done = allow(rules, path, reading & known); !done) return done.error();
    for (const auto& path : options.writable)
        if (auto done = allow(rules, path, writing & known); !done) return done.error();
    std::error_code ignored;
    for (const auto* path : machine)
        if (std::filesystem::exists(path, ignored))
            if (auto done = allow(rules, path, reading & known); !done) return done.error();
    return syscall(SYS_landlock_restrict_self, rules.number(), 0) == 0;
}

}  // namespace training
