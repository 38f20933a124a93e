#include "wallet/keys/new_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

namespace wallet {
namespace {

namespace fs = std::filesystem;
using ledger::Error;
using ledger::ErrorKind;
using ledger::Result;

fs::path folder_of(const fs::path& path)
{
    return path.has_parent_path() ? path.parent_path() : fs::path{"."};
}

/// A rename that never replaces; file systems that cannot promise it get the next best.
int rename_to_new(const char* from, const char* to)
{
    if (::renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) return 0;
    if (errno != EINVAL && errno != ENOSYS) return -1;
    if (::access(to, F_OK) == 0) {
        errno = EEXIST;
        return -1;
    }
    return ::rename(from, to);
}

bool sync_names(const fs::path& folder)
{
    const int names = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool synced = names >= 0 && ::fsync(names) == 0;
    if (names >= 0) ::close(names);
    return synced;
}

}  // namespace

Error file_error(const std::string& what, const fs::path& path)
{
    const int code = errno;
    auto kind = ErrorKind::io;
    if (code == ENOENT) kind = ErrorKind::not_found;
    if (code == EACCES || code == EPERM) kind = ErrorKind::denied;
    if (code == ENOSPC || code == EDQUOT) kind = ErrorKind::full;
    return {kind, what + " " + path.string() + ": " + std::generic_category().message(code)};
}

Result<NewFile> NewFile::create(fs::path path)
{
    std::string temporary = (folder_of(path) / ".new-XXXXXX").string();
    const int descriptor = ::mkostemp(temporary.data(), O_CLOEXEC);  // mode 0600
    if (descriptor < 0) return file_error("cannot write in", folder_of(path));
    return NewFile{std::move(path), std::move(temporary), descriptor};
}

NewFile::NewFile(NewFile&& other) noexcept
    : path_{std::move(other.path_)},
      temporary_{std::exchange(other.temporary_, {})},
      descriptor_{std::exchange(other.descriptor_, -1)}
{
}

NewFile::~NewFile()
{
    if (descriptor_ >= 0) ::close(descriptor_);
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

Result<void> NewFile::write(ledger::ByteView more)
{
    while (!more.empty()) {
        const auto written = ::write(descriptor_, more.data(), more.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return file_error("cannot write", path_);
        more = more.subspan(static_cast<std::size_t>(written));
    }
    return {};
}

Result<void> NewFile::commit(bool is_private)
{
    if (!is_private && ::fchmod(descriptor_, 0644) != 0)
        return file_error("cannot open to others", path_);
    if (::fsync(descriptor_) != 0) return file_error("cannot sync", path_);
    if (const auto named = commit_unsynced(); !named) return named;
    if (!sync_names(folder_of(path_))) return file_error("cannot sync", folder_of(path_));
    return {};
}

Result<void> NewFile::commit_unsynced()
{
    if (rename_to_new(temporary_.c_str(), path_.c_str()) != 0) {
        if (errno == EEXIST) return Error{ErrorKind::denied, path_.string() + " is there already"};
        return file_error("cannot write", path_);
    }
    temporary_.clear();
    return {};
}

}  // namespace wallet
