#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace wallet::cli {

/// What a line about work under way says: "sealing   42 %  1.2 GiB of 2.9 GiB  310 MiB/s  5 s
/// left".
std::string progress_line(const std::string& what, std::uint64_t done, std::uint64_t all,
                          std::chrono::steady_clock::duration spent);

/// The same of samples, one by one: "digits.onnx   42 %  4200 of 10000  1500/s  4 s left".
std::string sample_progress_line(const std::string& what, std::uint64_t done, std::uint64_t all,
                                 std::chrono::steady_clock::duration spent);

/// 1,536 -> "1.5 KiB".
std::string bytes_text(std::uint64_t bytes);

/// A line on stderr that is written over ten times a second, when somebody looks at it: nothing is
/// printed where stderr is no terminal. The line is gone when this ends.
class ProgressBar {
public:
    enum class Counted { bytes, samples };
    ProgressBar(std::string what, std::uint64_t all, Counted counted = Counted::bytes);
    ~ProgressBar();
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;

    void at(std::uint64_t done);
    std::function<void(std::uint64_t)> teller()
    {
        return [this](std::uint64_t done) { at(done); };
    }

private:
    using Steady = std::chrono::steady_clock;
    std::string what_;
    std::uint64_t all_;
    Counted counted_;
    bool is_seen_;
    Steady::time_point began_ = Steady::now();
    std::optional<Steady::time_point> shown_;
};

/// Shows bytes of a long work on a bar of its own, for as long as what it returns is kept.
std::shared_ptr<std::function<void(std::uint64_t)>> show_progress(const char* what,
                                                                  std::uint64_t all);

}  // namespace wallet::cli
