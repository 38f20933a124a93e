#include "node/transport/write_queues.hpp"

namespace node {

WriteQueues::Verdict WriteQueues::push(WriteClass to, SharedFrame frame)
{
    const auto size = frame->size();
    auto& queue = queues_[static_cast<std::size_t>(to)];
    const std::size_t limit = to == WriteClass::consensus ? limits_.consensus
                              : to == WriteClass::blocks  ? limits_.blocks
                                                          : limits_.transactions;
    const bool droppable = to == WriteClass::transactions;
    if (queue.bytes + size > limit) {
        if (!droppable) return Verdict::overflow;
        ++dropped_;
        return Verdict::dropped;
    }
    auto verdict = Verdict::queued;
    if (total_ + size > limits_.total) {
        if (droppable) {
            ++dropped_;
            return Verdict::dropped;
        }
        // Transactions will be announced again by others; the rest will not.
        auto& waiting = queues_[static_cast<std::size_t>(WriteClass::transactions)];
        dropped_ += waiting.frames.size();
        total_ -= waiting.bytes;
        if (!waiting.frames.empty()) verdict = Verdict::dropped;
        waiting = {};
        if (total_ + size > limits_.total) return Verdict::overflow;
    }
    queue.frames.push_back(std::move(frame));
    queue.bytes += size;
    total_ += size;
    return verdict;
}

std::vector<SharedFrame> WriteQueues::take(std::size_t bytes)
{
    std::vector<SharedFrame> taken;
    std::size_t sum = 0;
    for (auto& queue : queues_) {
        while (!queue.frames.empty()) {
            const auto size = queue.frames.front()->size();
            if (!taken.empty() && sum + size > bytes) return taken;
            sum += size;
            queue.bytes -= size;
            total_ -= size;
            taken.push_back(std::move(queue.frames.front()));
            queue.frames.pop_front();
        }
    }
    return taken;
}

}  // namespace node
