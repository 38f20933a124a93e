#include "wallet/sealed/new_folder.hpp"

#include "wallet/keys/new_file.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>
#include <utility>

namespace wallet {

namespace fs = std::filesystem;
using ledger::Error;
using ledger::ErrorKind;
using ledger::Result;

namespace {

Error there_already(const fs::path& path)
{
    return {ErrorKind::denied, path.string() + " is there already"};
}

bool synced(const fs::path& folder, int (*sync)(int))
{
    const int names = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool done = names >= 0 && sync(names) == 0;
    if (names >= 0) ::close(names);
    return done;
}

}  // namespace

Result<NewFolder> NewFolder::create(fs::path path)
{
    if (!path.has_filename()) path = path.parent_path();
    std::error_code problem;
    if (fs::exists(fs::symlink_status(path, problem))) return there_already(path);
    const auto parent = path.has_parent_path() ? path.parent_path() : fs::path{"."};
    fs::create_directories(parent, problem);
    if (problem)
        return Error{ErrorKind::io, "cannot make " + parent.string() + ": " + problem.message()};
    std::string temporary = (parent / ".new-XXXXXX").string();
    if (::mkdtemp(temporary.data()) == nullptr) return file_error("cannot write in", parent);
    return NewFolder{std::move(path), std::move(temporary)};
}

NewFolder::NewFolder(NewFolder&& other) noexcept
    : path_{std::move(other.path_)}, temporary_{std::exchange(other.temporary_, {})}
{
}

NewFolder::~NewFolder()
{
    std::error_code ignored;
    if (!temporary_.empty()) fs::remove_all(temporary_, ignored);
}

Result<void> NewFolder::commit()
{
    if (!synced(temporary_, ::syncfs)) return file_error("cannot sync", temporary_);
    // Onto an empty folder this would succeed: one that somebody made meanwhile is no loss.
    if (::rename(temporary_.c_str(), path_.c_str()) != 0) {
        const int code = errno;
        std::error_code problem;
        if (fs::exists(fs::symlink_status(path_, problem))) return there_already(path_);
        errno = code;
        return file_error("cannot write", path_);
    }
    temporary_.clear();
    const auto parent = path_.has_parent_path() ? path_.parent_path() : fs::path{"."};
    if (!synced(parent, ::fsync)) return file_error("cannot sync", parent);
    return {};
}

}  // namespace wallet
