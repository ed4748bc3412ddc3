//! What a drawing must never do, proved on the real procedures and on random ones.
