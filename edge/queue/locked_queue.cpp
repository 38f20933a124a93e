#include "edge/queue/locked_queue.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <filesystem>
#include <system_error>

namespace edge {
namespace {

using ledger::Error;
using ledger::ErrorKind;
using ledger::Result;

std::uint64_t seconds_now()
{
    return static_cast<std::uint64_t>(std::time(nullptr));
}

Result<void> make_private_folder(const std::string& folder)
{
    std::error_code problem;
    const auto parent = std::filesystem::path{folder}.parent_path();
    if (!parent.empty()) std::filesystem::create_directories(parent, problem);
    if (problem)
        return Error{ErrorKind::io, "cannot make " + parent.string() + ": " + problem.message()};
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
        return Error{ErrorKind::io,
                     "cannot make " + folder + ": " + std::generic_category().message(errno)};
    if (::access(folder.c_str(), R_OK | W_OK | X_OK) != 0)
        return Error{ErrorKind::denied, folder + ": " + std::generic_category().message(errno)};
    return {};
}

}  // namespace

Result<std::unique_ptr<LockedQueue>> LockedQueue::lock(const std::string& folder)
{
    auto lock = ledger::FolderLock::take(folder);
    if (!lock && lock.error().kind == ErrorKind::denied)
        return Error{ErrorKind::unavailable, lock.error().detail};
    if (!lock) return lock.error();
    return std::unique_ptr<LockedQueue>{new LockedQueue{std::move(*lock)}};
}

Result<std::unique_ptr<LockedQueue>> LockedQueue::open(const std::string& folder,
                                                       const ledger::SecretKey& device,
                                                       QueueOptions options)
{
    if (folder.empty()) return ledger::invalid("a queue has a folder");
    if (const auto made = make_private_folder(folder); !made) return made.error();
    auto made = lock(folder);
    if (!made) return made.error();
    auto& locked = **made;
    auto queue =
        Queue::open(locked.disk_, folder, device, std::move(options), locked.random_, seconds_now);
    if (!queue) return queue.error();
    locked.queue_ = std::move(*queue);
    return made;
}

Result<std::unique_ptr<LockedQueue>> LockedQueue::open_to_send(const std::string& folder,
                                                               const ledger::SecretKey& device)
{
    std::error_code problem;
    if (!std::filesystem::is_regular_file(folder + "/queue", problem))
        return Error{ErrorKind::not_found, folder + " is no queue"};
    auto made = lock(folder);
    if (!made) return made.error();
    auto& locked = **made;
    auto queue = Queue::open_to_send(locked.disk_, folder, device, locked.random_, seconds_now);
    if (!queue) return queue.error();
    locked.queue_ = std::move(*queue);
    return made;
}

}  // namespace edge
