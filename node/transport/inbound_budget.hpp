#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>

namespace node {

/// Bytes that all peers together have put into our memory, from the moment they arrive until
/// whoever handles a frame is done with it. Any thread.
class InboundBudget : public std::enable_shared_from_this<InboundBudget> {
public:
    explicit InboundBudget(std::size_t limit) : limit_{limit} {}

    /// A share of the budget; gives it back when it goes.
    class Lease {
    public:
        Lease() = default;
        Lease(Lease&& other) noexcept;
        Lease& operator=(Lease&& other) noexcept;
        ~Lease() { release(); }
        std::size_t bytes() const { return bytes_; }
        /// Takes more or gives some back; false and unchanged when there is not as much.
        bool resize(std::size_t bytes);
        void release();

    private:
        friend class InboundBudget;
        explicit Lease(std::shared_ptr<InboundBudget> from) : from_{std::move(from)} {}
        std::shared_ptr<InboundBudget> from_;
        std::size_t bytes_ = 0;
    };

    /// Of no bytes yet.
    Lease open() { return Lease{shared_from_this()}; }
    std::size_t used() const;

    /// Called, under a lock, from the thread that gave bytes back after somebody was refused.
    /// Must only post. Set to nothing before what it refers to goes away.
    void on_room(std::function<void()> call);

private:
    bool change(std::size_t from, std::size_t to);

    const std::size_t limit_;
    mutable std::mutex mutex_;
    std::size_t used_ = 0;
    bool refused_ = false;
    std::function<void()> on_room_;
};

}  // namespace node
