#pragma once

namespace training {

/// While this lives, SIGINT and SIGTERM are heard instead of ending the program; one of each kind
/// is enough, the next ends it. One at a time.
class Interruption {
public:
    Interruption();
    ~Interruption();
    Interruption(const Interruption&) = delete;
    Interruption& operator=(const Interruption&) = delete;

    bool came() const;
};

}  // namespace training
