#include "wallet/cli/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>

namespace wallet::cli {

std::string bytes_text(std::uint64_t bytes)
{
    static constexpr std::array<const char*, 5> units{"B", "KiB", "MiB", "GiB", "TiB"};
    auto value = static_cast<double>(bytes);
    std::size_t unit = 0;
    for (; value >= 1024 && unit + 1 < units.size(); ++unit) value /= 1024;
    return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", value, units[unit]);
}

namespace {

std::string line_of(const std::string& what, std::uint64_t done, std::uint64_t all,
                    std::chrono::steady_clock::duration spent, std::string (*text)(std::uint64_t))
{
    done = std::min(done, all);
    const auto seconds = std::chrono::duration<double>(spent).count();
    const auto percent =
        all == 0 ? 100.0 : 100.0 * static_cast<double>(done) / static_cast<double>(all);
    auto line = fmt::format("{}  {:3.0f} %  {} of {}", what, percent, text(done), text(all));
    if (done == 0 || seconds <= 0) return line;
    const auto speed = static_cast<double>(done) / seconds;
    return line + fmt::format("  {}/s  {:.0f} s left", text(static_cast<std::uint64_t>(speed)),
                              static_cast<double>(all - done) / speed);
}

}  // namespace

std::string progress_line(const std::string& what, std::uint64_t done, std::uint64_t all,
                          std::chrono::steady_clock::duration spent)
{
    return line_of(what, done, all, spent, bytes_text);
}

std::string sample_progress_line(const std::string& what, std::uint64_t done, std::uint64_t all,
                                 std::chrono::steady_clock::duration spent)
{
    return line_of(what, done, all, spent,
                   [](std::uint64_t count) { return std::to_string(count); });
}

ProgressBar::ProgressBar(std::string what, std::uint64_t all, Counted counted)
    : what_{std::move(what)}, all_{all}, counted_{counted}, is_seen_{::isatty(STDERR_FILENO) == 1}
{
}

ProgressBar::~ProgressBar()
{
    if (shown_) std::fputs("\r\x1b[K", stderr);
}

void ProgressBar::at(std::uint64_t done)
{
    const auto now = Steady::now();
    if (!is_seen_ || (shown_ && now - *shown_ < std::chrono::milliseconds{100})) return;
    shown_ = now;
    const auto line = counted_ == Counted::bytes ? progress_line : sample_progress_line;
    std::fputs(("\r" + line(what_, done, all_, now - began_) + "\x1b[K").c_str(), stderr);
}

std::shared_ptr<std::function<void(std::uint64_t)>> show_progress(const char* what,
                                                                  std::uint64_t all)
{
    struct Shown {
        Shown(const char* name, std::uint64_t bytes) : bar{name, bytes}, tell{bar.teller()} {}
        ProgressBar bar;
        std::function<void(std::uint64_t)> tell;
    };
    auto shown = std::make_shared<Shown>(what, all);
    return {shown, &shown->tell};
}

}  // namespace wallet::cli
