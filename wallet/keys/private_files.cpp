#include "wallet/keys/private_files.hpp"

#include "wallet/keys/new_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

namespace wallet {
namespace {

namespace fs = std::filesystem;
using ledger::Error;
using ledger::ErrorKind;
using ledger::Result;

class Descriptor {
public:
    explicit Descriptor(int number) : number_{number} {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor()
    {
        if (number_ >= 0) ::close(number_);
    }
    operator int() const { return number_; }

private:
    int number_;
};

Result<void> check_owner(const struct ::stat& about, const fs::path& path, const char* mode_wanted)
{
    if (about.st_uid != ::geteuid() && ::geteuid() != 0)
        return Error{ErrorKind::denied, path.string() + " belongs to another user"};
    if ((about.st_mode & 077U) == 0) return {};
    char mode[8];
    std::snprintf(mode, sizeof mode, "%04o", static_cast<unsigned>(about.st_mode & 07777U));
    return Error{ErrorKind::denied, path.string() + " is open to others (mode " + mode +
                                        "); make it yours alone: chmod " + mode_wanted + " " +
                                        path.string()};
}

}  // namespace

Result<void> make_private_folder(const fs::path& folder)
{
    std::error_code problem;
    const auto parent = folder.parent_path();
    if (!parent.empty()) fs::create_directories(parent, problem);
    if (problem)
        return Error{ErrorKind::io, "cannot make " + parent.string() + ": " + problem.message()};
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
        return file_error("cannot make", folder);
    struct ::stat about {};
    if (::stat(folder.c_str(), &about) != 0) return file_error("cannot open", folder);
    if (!S_ISDIR(about.st_mode)) return Error{ErrorKind::io, folder.string() + " is no folder"};
    return check_owner(about, folder, "700");
}

Result<std::string> read_private_file(const fs::path& path, std::size_t most)
{
    // Non-blocking, so that a pipe in the file's place cannot hold us.
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
    if (file < 0) return file_error("cannot open", path);
    struct ::stat about {};
    if (::fstat(file, &about) != 0) return file_error("cannot read", path);
    if (!S_ISREG(about.st_mode)) return Error{ErrorKind::io, path.string() + " is no plain file"};
    if (const auto owner = check_owner(about, path, "600"); !owner) return owner.error();
    if (static_cast<std::size_t>(about.st_size) > most)
        return Error{ErrorKind::full,
                     path.string() + " has more than " + std::to_string(most) + " bytes"};
    std::string text(static_cast<std::size_t>(about.st_size), '\0');
    std::size_t read = 0;
    while (read < text.size()) {
        const auto count = ::read(file, text.data() + read, text.size() - read);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return file_error("cannot read", path);
        if (count == 0) break;
        read += static_cast<std::size_t>(count);
    }
    text.resize(read);
    return text;
}

Result<void> write_new_private_file(const fs::path& path, std::string_view text)
{
    auto file = NewFile::create(path);
    if (!file) return file.error();
    if (const auto written = file->write(ledger::as_bytes(text)); !written) return written;
    return file->commit();
}

}  // namespace wallet
