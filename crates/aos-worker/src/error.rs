//! What keeps a worker from working. What goes wrong in a task is the task's outcome and no error of the worker.

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the worker cannot sign on; check the database and start it again")]
    SignOn(#[source] aos_store::Error),
    #[error("the worker cannot start its own thread; allow this process more threads")]
    Thread(#[source] std::io::Error),
}
