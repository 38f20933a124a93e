#include "node/serving/stream_handover.hpp"

namespace node {

StreamHandover::StreamHandover(inference::OpenAiStream stream,
                               std::chrono::steady_clock::time_point deadline,
                               std::function<void()> wake)
    : stream_{std::move(stream)}, deadline_{deadline}, wake_{std::move(wake)}
{
}

bool StreamHandover::put(ledger::ByteView bytes)
{
    // What comes behind the end is read, so that the connection can be used again.
    if (stream_.ended()) return true;
    auto text = stream_.take(bytes);
    std::unique_lock lock{mutex_};
    room_.wait_until(lock, deadline_,
                     [this] { return closed_ || news_.text.size() < most_waiting; });
    if (closed_ || news_.text.size() >= most_waiting) return false;
    if (!text) {
        news_.wrong = text.error();
        wake_();
        return false;
    }
    const bool is_news = !text->empty() || stream_.ended();
    news_.text += *text;
    news_.counted = stream_.counted();
    news_.usage = stream_.usage();
    if (stream_.ended()) news_.rest = stream_.rest();
    if (is_news) wake_();
    return true;
}

void StreamHandover::end(Outcome outcome)
{
    const std::lock_guard lock{mutex_};
    if (closed_) return;
    news_.outcome.emplace(std::move(outcome));
    wake_();
}

bool StreamHandover::closed() const
{
    const std::lock_guard lock{mutex_};
    return closed_;
}

StreamHandover::News StreamHandover::take()
{
    News taken;
    {
        const std::lock_guard lock{mutex_};
        taken = news_;
        news_.text.clear();
    }
    room_.notify_one();
    return taken;
}

void StreamHandover::close()
{
    {
        const std::lock_guard lock{mutex_};
        closed_ = true;
    }
    room_.notify_all();
}

}  // namespace node
